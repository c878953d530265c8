import { option, patternSchema, readPattern, sha256, sha256Schema, type Option } from '../options.ts';
import type { PolicyNode } from '../document/policy-node.ts';
import type { PackagePattern } from '../package-pattern.ts';
import { indexPatterns, type PatternIndex } from '../pattern-index.ts';
import type { RuleSetting } from '../policy.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';
import { GRANTS, grantSchemas, readGrants, type ScriptGrants } from './script-grants.ts';

/** One script that may run: of these packages and versions, and with exactly this text. */
export interface AllowedScript extends ScriptGrants {
  readonly package: PackagePattern;
  /** Lower-case hex sha256 over all install scripts of the version (canonical JSON of name -> text). */
  readonly sha256: string | undefined;
  /** Of a git dependency, instead: the full commit whose prepare scripts may run. */
  readonly commit: string | undefined;
}

interface Options {
  readonly allow: readonly AllowedScript[];
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const allow: Option<readonly AllowedScript[]> = option(
  {
    schema: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['package'],
        oneOf: [{ required: ['sha256'] }, { required: ['commit'] }],
        properties: {
          package: patternSchema,
          sha256: sha256Schema,
          commit: { type: 'string', pattern: COMMIT.source },
          ...grantSchemas,
        },
      },
    },
    read: (node) => node.list().flatMap((item) => readAllowed(item) ?? []),
  },
  [],
  'Scripts that may run, and what the sandbox lets them do; `lockseal policy init` writes the list.',
);

export const installScripts: Rule = defineRule<Options>({
  name: 'install-scripts',
  describe: 'No package runs code at install time but those allowed by the digest of their scripts.',
  codes: ['script-unapproved'],
  isOnByDefault: false,
  options: { allow },
  judge: (options) => {
    const allowedFor = indexPatterns(options.allow, (allowed) => [allowed.package]);
    return (subject) => judge(allowedFor, subject);
  },
});

/** The scripts that a policy allows by this setting of the rule, whatever its level is. */
export function allowedIn(setting: RuleSetting | undefined): readonly AllowedScript[] {
  // Made by `readAllowed`, and by nothing else.
  return (setting?.options.get('allow') ?? []) as readonly AllowedScript[];
}

function readAllowed(node: PolicyNode): AllowedScript | undefined {
  const members = node.known('package', 'sha256', 'commit', ...GRANTS);
  const [name, digest, commit] = ['package', 'sha256', 'commit'].map((key) => members.get(key));
  if (name === undefined || (digest === undefined) === (commit === undefined)) {
    const hint = 'See `lockseal policy explain <package>`.';
    return node.report('missing-key', 'needs `package`, and either `sha256` or (for git) `commit`', hint);
  }
  const text = name.text();
  const pattern = text === undefined ? undefined : readPattern(text, name);
  const of = { sha256: digest && sha256(digest), commit: commit && readCommit(commit) };
  if (pattern === undefined || (of.sha256 ?? of.commit) === undefined) return undefined;
  return { package: pattern, ...of, ...readGrants(members) };
}

function readCommit(node: PolicyNode): string | undefined {
  const text = node.text();
  if (text === undefined || COMMIT.test(text)) return text;
  return node.report('bad-value', 'is no full commit id', 'It has 40 or 64 characters, 0-9 and a-f.');
}

function judge(allowedFor: PatternIndex<AllowedScript>, subject: Subject): readonly Opinion[] {
  const { entry, evidence } = subject;
  const { installScripts: scripts } = evidence;
  const about = allowedFor(entry.name, entry.version);
  if (scripts === undefined) return unknownScripts(subject, about);
  const { names, sha256: digest, proof } = scripts;
  if (digest === undefined) return [];
  if (about.some((allowed) => allowed.sha256 === digest)) return [];
  return [
    {
      code: 'script-unapproved',
      expected: about.length === 0 ? 'no install script' : `sha256 ${about.map(digestText).join(' or ')}`,
      found: `${names.join(', ')}: sha256 ${digest}`,
      detail:
        proof === 'tarball'
          ? 'Read in the locked tarball.'
          : 'As the registry says; --tarballs reads the tarball itself.',
      fix: `Read the script; to allow it, add {package: "${entry.name}@${entry.version ?? '*'}", sha256: ${digest}} under rules.install-scripts.allow.`,
    },
  ];
}

/** What no registry describes: git dependencies are prepared when they are installed; for others the lockfile's word counts. */
function unknownScripts({ entry, evidence }: Subject, about: readonly AllowedScript[]): readonly Opinion[] {
  if (entry.source.type === 'git') {
    const { commit } = entry.source;
    if (commit !== undefined && about.some((allowed) => allowed.commit === commit)) return [];
    const fix = `Read its scripts; to allow them, add {package: "${entry.name}", commit: ${commit ?? '…'}} under rules.install-scripts.allow.`;
    return [
      { code: 'script-unapproved', found: 'a git dependency: its prepare scripts run when it is installed', fix },
    ];
  }
  if (entry.hasInstallScript !== true || evidence.class === 'workspace') return [];
  return [
    { code: 'script-unapproved', found: 'the lockfile says that it has an install script, and nothing tells which' },
  ];
}

function digestText({ sha256: digest, commit }: AllowedScript): string {
  return digest ?? `of commit ${commit ?? ''}`;
}
