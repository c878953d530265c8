import type { Command } from './commands/command.ts';

/** A command as it is listed. Its code is loaded when it is called, or asked for its help. */
export interface CommandEntry {
  /** yargs' spelling: `verify [target]`. */
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    command: 'verify [target]',
    describe: 'Check every locked package and every edge between them',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    command: 'diff [base] [target]',
    describe: 'Tell what changed in trust since an approval, a git ref or another lockfile',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    command: 'policy <action> [what]',
    describe: 'Write (init), check, explain or test the policy',
    load: async () => (await import('./commands/policy.ts')).policy,
  },
  {
    command: 'approve [target]',
    describe: 'Verify the lockfile, then sign that it is good',
    load: async () => (await import('./commands/approve.ts')).approve,
  },
  {
    command: 'enforce [target]',
    describe: 'Check offline that the lockfile is approved by the right people',
    load: async () => (await import('./commands/enforce.ts')).enforce,
  },
  {
    command: 'revoke [target]',
    describe: 'Take back every approval of this lockfile',
    load: async () => (await import('./commands/revoke.ts')).revoke,
  },
  {
    command: 'evidence <action> [files..]',
    describe: 'Make (pack), show, merge or prune files of evidence, to verify with anywhere and at any time',
    load: async () => (await import('./commands/evidence.ts')).evidence,
  },
  {
    command: 'trust <action> [file]',
    describe: 'Make a key to approve with (keygen), or show what is trusted (show)',
    load: async () => (await import('./commands/trust.ts')).trust,
  },
  {
    command: 'inspect <what>',
    describe: 'Show an attestation: who signed what, when, and whether it verifies',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    command: 'explain <code>',
    describe: 'Tell what a finding or error code means and how to mend it',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
];
