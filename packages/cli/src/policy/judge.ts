import { dependencyPaths } from '@lockseal/lockfile';
import type { Report } from '@lockseal/report';
import type { VerifiedFile } from '../verify-file.ts';
import { judgeOutlines, type Judgeable, type JudgedRun } from './judge-outlines.ts';
import type { OpenedPolicy } from './open-policy.ts';

type Verified = Pick<VerifiedFile, 'lockfile' | 'verification' | 'warnings' | 'evidencePack'>;

/** What the policy makes of a verified lockfile. */
export function judge(verified: Verified, opened: OpenedPolicy, run: JudgedRun): Report {
  return judgeOutlines(toJudgeable(verified), opened, run);
}

/** As much of it as judging takes. */
export function toJudgeable({ lockfile, verification, warnings, evidencePack }: Verified): Judgeable {
  return { entries: lockfile.entries, pathTo: dependencyPaths(lockfile), verification, warnings, evidencePack };
}
