import type { Command } from './commands/command.ts';

/** A command as it is listed, or a group of them. Code is loaded when it is called, or asked for its help. */
export type CommandEntry = {
  /** yargs' spelling: `verify [target]`. */
  readonly command: string;
  readonly describe: string;
} & (
  | {
      readonly load: () => Promise<Command>;
      /** A command of the user's own may stand after `--`. */
      readonly takesCommand?: boolean;
    }
  | { readonly commands: readonly CommandEntry[] }
);

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
    command: 'scripts [target]',
    describe: 'List the code that packages run when they are installed, and what may run',
    load: async () => (await import('./commands/scripts.ts')).scripts,
  },
  {
    command: 'policy',
    describe: 'Write (init), check, explain or test the policy',
    commands: [
      {
        command: 'init [lockfile]',
        describe: 'Write a policy from what is locked and verified now',
        load: async () => (await import('./commands/policy.ts')).policyInit,
      },
      {
        command: 'check [file]',
        describe: 'Find every mistake in a policy',
        load: async () => (await import('./commands/policy.ts')).policyCheck,
      },
      {
        command: 'explain <what>',
        describe: 'Tell what is known of a package, or what a rule or finding is about, under the policy',
        load: async () => (await import('./commands/policy.ts')).policyExplain,
      },
      {
        command: 'test [cases]',
        describe: 'Try the policy on cases, on real attacks or on the past of the project',
        load: async () => (await import('./commands/policy.ts')).policyTest,
      },
    ],
  },
  {
    command: 'approve [targets..]',
    describe: 'Verify the lockfile, then sign that it is good',
    load: async () => (await import('./commands/approve.ts')).approve,
  },
  {
    command: 'enforce [target]',
    describe: 'Check offline that the lockfile is approved by the right people',
    load: async () => (await import('./commands/enforce.ts')).enforce,
  },
  {
    command: 'install [target]',
    describe: 'Enforce, then let the package manager install approved bytes and nothing else',
    takesCommand: true,
    load: async () => (await import('./commands/install.ts')).install,
  },
  {
    command: 'gate [target]',
    describe: 'Keep a gate open that hands out approved bytes alone, for a container build or another tool',
    load: async () => (await import('./commands/gate.ts')).gate,
  },
  {
    command: 'revoke [target]',
    describe: 'Take back every approval of this lockfile',
    load: async () => (await import('./commands/revoke.ts')).revoke,
  },
  {
    command: 'evidence',
    describe: 'Make (pack), show, merge or prune files of evidence, to verify with anywhere and at any time',
    commands: [
      {
        command: 'pack [lockfile]',
        describe: 'Write down all evidence on a lockfile',
        load: async () => (await import('./commands/evidence.ts')).evidencePack,
      },
      {
        command: 'show <pack>',
        describe: 'Tell what a pack holds',
        load: async () => (await import('./commands/evidence.ts')).evidenceShow,
      },
      {
        command: 'merge <packs..>',
        describe: 'Write what any of several packs holds into one',
        load: async () => (await import('./commands/evidence.ts')).evidenceMerge,
      },
      {
        command: 'prune <pack>',
        describe: 'Keep of a pack only what a lockfile needs',
        load: async () => (await import('./commands/evidence.ts')).evidencePrune,
      },
    ],
  },
  {
    command: 'trust',
    describe: 'Make a key (keygen), show what is trusted (show), or archive old approvals (prune)',
    commands: [
      {
        command: 'keygen <file>',
        describe: 'Make a key to approve with',
        load: async () => (await import('./commands/trust.ts')).trustKeygen,
      },
      {
        command: 'show [file]',
        describe: 'Show the roots and registry keys in use, or a public key as policies take it',
        load: async () => (await import('./commands/trust.ts')).trustShow,
      },
      {
        command: 'prune [target]',
        describe: 'Move approvals that newer ones supersede into an archive',
        load: async () => (await import('./commands/trust-prune.ts')).trustPrune,
      },
    ],
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
  {
    command: 'completion <shell>',
    describe: 'Print a script that completes command lines in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];
