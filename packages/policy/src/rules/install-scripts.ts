import { option, patternSchema, readPattern, sha256, sha256Schema, type Option } from '../options.ts';
import type { PolicyNode } from '../document/policy-node.ts';
import type { PackagePattern } from '../package-pattern.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

/** One script that may run: of these packages and versions, and with exactly this text. */
interface AllowedScript {
  readonly package: PackagePattern;
  /** Lower-case hex sha256 over all install scripts of the version (canonical JSON of name -> text). */
  readonly sha256: string;
}

interface Options {
  readonly allow: readonly AllowedScript[];
}

const allow: Option<readonly AllowedScript[]> = option(
  {
    schema: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['package', 'sha256'],
        properties: { package: patternSchema, sha256: sha256Schema },
      },
    },
    read: (node) => node.list().flatMap((item) => readAllowed(item) ?? []),
  },
  [],
  'Scripts that may run; `lockseal policy init` writes the list.',
);

export const installScripts: Rule = defineRule<Options>({
  name: 'install-scripts',
  describe: 'No package runs code at install time but those allowed by the digest of their scripts.',
  codes: ['script-unapproved'],
  isOnByDefault: false,
  options: { allow },
  judge: (options) => (subject) => judge(options, subject),
});

function readAllowed(node: PolicyNode): AllowedScript | undefined {
  const members = node.known('package', 'sha256');
  const [name, digest] = [members.get('package'), members.get('sha256')];
  if (name === undefined || digest === undefined)
    return node.report('missing-key', 'needs `package` and `sha256`', 'See `lockseal policy explain <package>`.');
  const text = name.text();
  const pattern = text === undefined ? undefined : readPattern(text, name);
  const hex = sha256(digest);
  return pattern === undefined || hex === undefined ? undefined : { package: pattern, sha256: hex };
}

function judge(options: Options, subject: Subject): readonly Opinion[] {
  const { entry, evidence } = subject;
  const { installScripts: scripts } = evidence;
  if (scripts === undefined) return unknownScripts(subject);
  const { names, sha256: digest, proof } = scripts;
  if (digest === undefined) return [];
  const about = options.allow.filter((allowed) => allowed.package.matches(entry.name, entry.version));
  if (about.some((allowed) => allowed.sha256 === digest)) return [];
  return [
    {
      code: 'script-unapproved',
      expected: about.length === 0 ? 'no install script' : `sha256 ${about.map((each) => each.sha256).join(' or ')}`,
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
function unknownScripts({ entry, evidence }: Subject): readonly Opinion[] {
  if (evidence.class === 'git') {
    return [{ code: 'script-unapproved', found: 'a git dependency: its prepare scripts run when it is installed' }];
  }
  if (entry.hasInstallScript !== true || evidence.class === 'workspace') return [];
  return [
    { code: 'script-unapproved', found: 'the lockfile says that it has an install script, and nothing tells which' },
  ];
}
