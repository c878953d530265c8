import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  archiveOf,
  buildRelease,
  buildRevocation,
  buildVsa,
  parseApprovals,
  parseApprovalStatement,
  parseLocksealStatement,
  pruneApprovals,
  type ApprovalInput,
  type Pruned,
} from '../../src/index.ts';
import { fileOf, signed } from '../support/files.ts';
import { approval, digests, NOW, person, policyOf, REPOSITORY, sample, type Person } from '../support/sample.ts';

const ana = person('ana');
const ben = person('ben');
const eve = person('eve');
const PATH = 'package-lock.json';
const source = { repository: REPOSITORY, ref: null, commit: null };
const noTrust = (): never => assert.fail('no trusted root is needed here');

/** An approval of the state with this name, and its summary. */
async function of(
  state: string,
  sequence: number,
  who: Person,
  changes: Partial<ApprovalInput> = {},
): Promise<object[]> {
  const statement = approval({ ...sample(state, [state]), sequence, ...changes });
  return [await signed(statement, who.signer), await signed(buildVsa(statement), who.signer)];
}

async function revocation(state: string, sequence: number): Promise<object> {
  const given = { sequence, revokedAt: NOW, reason: 'by mistake', role: 'security', source };
  const packageSet = sample(state, [state]).packageSet.sha256;
  return signed(buildRevocation({ lockfile: digests(state), packageSet, ...given }), ana.signer);
}

async function release(state: string): Promise<object> {
  const given = { sbom: null, releasedAt: NOW, source, role: 'security' };
  const approved = { sha256: 'aa'.repeat(32), sequence: 1 };
  const { sha256: packageSet } = sample(state, [state]).packageSet;
  const artifacts = [{ ...digests('app'), path: 'app.tgz' }];
  return signed(
    buildRelease({ artifacts, lockfile: digests(state), packageSet, approval: approved, ...given }),
    ana.signer,
  );
}

/** What lines are: `approval 1`, `summary`… */
function kinds(bytes: Buffer): readonly string[] {
  return parseApprovals(bytes, PATH).map(({ payload, payloadType }) => {
    const parsed = parseLocksealStatement(payloadType, payload);
    return parsed.kind === 'approval' ? `approval ${parsed.approval.sequence}` : parsed.kind;
  });
}

interface Result {
  readonly outcome: Pruned;
  readonly kept: Buffer;
  readonly archived: Buffer;
}

async function prune(t: TestContext, ...bundles: readonly object[]): Promise<Result> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockseal-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, `${PATH}.approvals.jsonl`);
  const archive = path.join(directory, path.basename(archiveOf(PATH)));
  await writeFile(file, fileOf(...bundles));
  const input = { path: PATH, policy: policyOf([ana, ben]), trustedRoot: noTrust, now: NOW };
  const outcome = await pruneApprovals(file, archive, input);
  const again = await pruneApprovals(file, archive, input);
  assert.equal(again.pruned, 0, 'twice is once');
  const archived = await readFile(archive).catch(() => Buffer.alloc(0));
  assert.ok((await readdir(directory)).length <= 2, 'nothing is left behind');
  return { outcome, kept: await readFile(file), archived };
}

describe('pruning', () => {
  test('archives the states before the last approved one, and keeps every line somewhere', async (t) => {
    const lines = [...(await of('one', 1, ana)), ...(await of('two', 2, ben)), ...(await of('three', 3, ana))];
    const { outcome, kept, archived } = await prune(t, ...lines);
    assert.deepEqual(outcome, { kept: 2, pruned: 4, sequence: 3 });
    assert.deepEqual(kinds(kept), ['approval 3', 'summary']);
    assert.deepEqual(kinds(archived), ['approval 1', 'summary', 'approval 2', 'summary']);
    assert.deepEqual(Buffer.concat([archived, kept]), fileOf(...lines), 'byte by byte');
  });

  test('leaves the chain whole: what a kept approval calls its predecessor is in the archive', async (t) => {
    const [one = {}] = await of('one', 1, ana);
    const { digest: sha256 } = parseApprovalStatement(payloadOf(one));
    const two = await of('two', 2, ana, { previous: { sha256, sequence: 1 } });
    const { kept, archived } = await prune(t, one, ...two);
    const [last] = parseApprovals(kept, PATH);
    const [first] = parseApprovals(archived, PATH);
    assert.ok(first !== undefined && last !== undefined);
    assert.equal(parseApprovalStatement(last.payload).previous?.sha256, parseApprovalStatement(first.payload).digest);
  });

  test('keeps revocations and releases of any state', async (t) => {
    const lines = [
      ...(await of('one', 1, ana)),
      await release('one'),
      await revocation('one', 1),
      ...(await of('two', 2, ana)),
    ];
    const { kept } = await prune(t, ...lines);
    assert.deepEqual(kinds(kept), ['release', 'revocation', 'approval 2', 'summary']);
  });

  test('keeps the last state that is approved, not one that a stranger put above it', async (t) => {
    const lines = [...(await of('one', 1, ana)), ...(await of('two', 2, ana)), ...(await of('three', 9, eve))];
    const { outcome, kept } = await prune(t, ...lines);
    assert.equal(outcome.sequence, 2);
    assert.deepEqual(kinds(kept), ['approval 2', 'summary', 'approval 9', 'summary']);
  });

  test('keeps the state before one that was revoked', async (t) => {
    const lines = [...(await of('one', 1, ana)), ...(await of('two', 2, ana)), await revocation('two', 2)];
    const { kept } = await prune(t, ...lines);
    assert.deepEqual(kinds(kept), ['approval 1', 'summary', 'approval 2', 'summary', 'revocation']);
  });

  test('keeps of an approver who renewed an approval the one that holds longest, and all approvers', async (t) => {
    const later = { expiresAt: new Date('2026-12-01T12:00:00Z'), approvedAt: new Date('2026-06-02T10:00:00Z') };
    const lines = [...(await of('one', 1, ana)), ...(await of('one', 1, ben)), ...(await of('one', 1, ana, later))];
    const { kept } = await prune(t, ...lines);
    assert.equal(kinds(kept).filter((kind) => kind === 'approval 1').length, 2);
    assert.ok(kept.includes(fileOf(lines[4] ?? {})), 'the renewed one');
  });

  test('keeps approvals of other lockfiles, and what it does not understand', async (t) => {
    const other = await of('other', 1, ana, { path: 'a/package-lock.json' });
    const { kept } = await prune(t, other[0] ?? {}, ...(await of('two', 2, ana)));
    assert.deepEqual(kinds(kept), ['approval 1', 'approval 2', 'summary']);
  });

  for (const [why, lines] of [
    ['nothing', async () => []],
    ['a stranger', async () => of('one', 1, eve)],
  ] as const) {
    test(`prunes nothing where ${why} approved the lockfile`, async (t) => {
      await assert.rejects(prune(t, ...(await lines())), { code: 'ERR_USAGE' });
    });
  }
});

function payloadOf(bundle: object): Uint8Array {
  const [stored] = parseApprovals(fileOf(bundle), PATH);
  assert.ok(stored !== undefined);
  return stored.payload;
}
