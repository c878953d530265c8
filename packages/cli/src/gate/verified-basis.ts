import { renderHuman, renderJson } from '@lockseal/report';
import { placeOfVerified } from '../approval/place.ts';
import { EXIT } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { readVersion } from '../io/version.ts';
import { judge } from '../policy/judge.ts';
import { verifyUnderPolicy } from '../policy/verify-under-policy.ts';
import type { BadBasis, GoodBasis } from './basis.ts';
import type { GateArgs } from './options.ts';
import { verifiedVoucher } from './verified-voucher.ts';

/**
 * Verifies the lockfile now. Nothing of this is loaded where an approval decides.
 * @throws LocksealError for whatever could not be decided
 */
export async function findVerified(
  { target, evidence }: GateArgs,
  {
    json,
    judging,
  }: { readonly json: boolean; readonly judging: Extract<GateArgs['basis'], { kind: 'verified' }>['judging'] },
  console: Console,
): Promise<GoodBasis | BadBasis> {
  const started = console.now();
  const progress = createProgressLine('Verifying', console, json);
  const under = await verifyUnderPolicy(target, { evidence, judging }, console, progress.advance).finally(
    progress.clear,
  );
  const { verified, opened } = under;
  const report = judge(verified, opened, { version: await readVersion(), durationMs: console.now() - started });
  if (report.verdict !== 'good') {
    const exitCode = report.verdict === 'findings' ? EXIT.findings : EXIT.undecided;
    const style = styleFor(console.stdout, console.env);
    const human = { style, columns: widthOf(console.stdout), verbose: false };
    return { status: 'bad', exitCode, text: json ? renderJson(report) : renderHuman(report, human) };
  }
  const { place, bytes } = await placeOfVerified(verified);
  const { lockfile, project, registries } = verified;
  return {
    status: 'good',
    place,
    bytes,
    lockfile,
    project,
    registries,
    policy: opened.policy,
    voucher: verifiedVoucher(verified.verification),
    by: { kind: 'verified', report },
    warnings: report.warnings,
  };
}
