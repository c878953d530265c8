import { toSpec, type Json } from '@lockseal/core';
import type { PermittedScript } from '@lockseal/policy';
import { sanitize, type PolicyInForce, type Style } from '@lockseal/report';
import type { ListedScripts, ScriptList, UnreadPackage } from './list-scripts.ts';

/** Names the shape of the JSON; a change that could break a reader gets a new name. */
const SCRIPTS_SCHEMA = 'https://lockseal.dev/schema/scripts/v1';

export interface ScriptReport extends ScriptList {
  readonly lockfile: { readonly path: string; readonly sha256: string };
  readonly policy: PolicyInForce | undefined;
}

/** For programs. Texts are as they are: untrusted. */
export function scriptsJson({ lockfile, policy, packages, unread, entries }: ScriptReport): string {
  const document = {
    schema: SCRIPTS_SCHEMA,
    lockfile,
    policy: policy === undefined ? null : { name: policy.name, sha256: policy.sha256 },
    counts: { entries, packages: packages.length, approved: packages.filter(isApproved).length, unread: unread.length },
    packages: packages.map(({ permit, path, version, sha256, commit, scripts, ...rest }) => ({
      ...rest,
      version: version ?? null,
      path: path ?? null,
      sha256: sha256 ?? null,
      commit: commit ?? null,
      scripts: scripts.map(({ name, text }) => ({ name, text: text ?? null })),
      approved: permit !== undefined,
      grants: permit === undefined ? null : grantsJson(permit),
      approve: approvalOf({ ...rest, permit, path, version, sha256, commit, scripts }) ?? null,
    })),
    unread: unread.map(({ name, version, path, reason }) => ({
      name,
      version: version ?? null,
      path: path ?? null,
      reason,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function grantsJson({ network, outputs, env, timeout, memory }: PermittedScript): Json {
  return { network, outputs: outputs ?? null, env, timeout, memory };
}

function isApproved({ permit }: ListedScripts): boolean {
  return permit !== undefined;
}

/** The element of `rules.install-scripts.allow` that approves it, in YAML's short form; undefined: nothing can pin it. */
function approvalOf({ name, version, sha256, commit }: ListedScripts): string | undefined {
  if (commit !== undefined) return `{package: "${name}", commit: ${commit}}`;
  return sha256 === undefined ? undefined : `{package: "${toSpec(name, version ?? '*')}", sha256: ${sha256}}`;
}

/** For people: what would run, whether it may, what it could do then, and what to write to let it. */
export function renderScripts({ packages, unread, policy, entries }: ScriptReport, style: Style): string {
  const approved = packages.filter(isApproved).length;
  const by = policy === undefined ? 'There is no policy, so that none is approved.' : `By ${sanitize(policy.name)}.`;
  const head = `${count(packages.length, 'package')} of ${count(entries, 'entry', 'entries')} ${packages.length === 1 ? 'runs' : 'run'} code when installed: ${approved} approved, ${packages.length - approved} held. ${by}`;
  return [
    style.paint('heading', head),
    ...packages.flatMap((each) => ['', ...packageLines(each, style)]),
    ...(packages.some(({ proof }) => proof === 'registry') ? ['', UNREAD_NOTE] : []),
    ...(unread.length === 0 ? [] : ['', ...unreadLines(unread, style)]),
    ...approvalLines(packages, style),
    '',
  ].join('\n');
}

const UNREAD_NOTE = 'Tarballs were not read: code that the registry does not tell of (a binding.gyp) is not listed.';

function packageLines(listed: ListedScripts, style: Style): readonly string[] {
  const { name, version, path, entries, proof, scripts, sha256, commit, permit } = listed;
  const verdict = permit === undefined ? style.paint('warn', 'held') : style.paint('good', 'approved');
  const places = entries === 1 ? '' : `, and ${count(entries - 1, 'further place')}`;
  const pin = commit === undefined ? sha256 && `sha256 ${sha256}` : `commit ${commit}`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['path', path === undefined ? 'nothing leads to it' : `${path.map((part) => sanitize(part)).join(' > ')}${places}`],
    ['read', PROOFS[commit === undefined ? proof : 'git']],
    ...scripts.map(({ name: script, text }) => [script, textOf(text)] as const),
    ['pinned by', pin ?? 'nothing: what it runs is not known'],
    [permit === undefined ? 'would get' : 'gets', grantsText(permit ?? UNGRANTED)],
  ];
  return [
    `${style.paint('name', sanitize(version === undefined ? name : toSpec(name, version)))}  ${verdict}`,
    ...rows.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${style.paint('faint', sanitize(label).padEnd(12))}${text}`],
    ),
  ];
}

const PROOFS: Readonly<Record<ListedScripts['proof'] | 'git', string>> = {
  tarball: 'in the locked tarball',
  registry: "by the registry's word",
  lockfile: 'nowhere: the lockfile says that there is one, and no more',
  git: 'nowhere: a git dependency, whose scripts are known when it is installed; it is never prepared',
};

/** Characters of a script that are shown; --json has all. */
const MAX_TEXT = 2000;

function textOf(text: string | undefined): string {
  return text === undefined ? '(not known)' : sanitize(text, MAX_TEXT);
}

/** What an entry without any grant gives. */
const UNGRANTED = { network: [], outputs: undefined, env: [], timeout: 600, memory: 4 * 1024 ** 3 } as const;

function grantsText({ network, outputs, env, timeout, memory }: Omit<PermittedScript, 'sha256' | 'commit'>): string {
  return [
    network.length === 0 ? 'no network' : `network to ${network.join(', ')}`,
    outputs === undefined ? 'writes to its own folder' : `writes to ${outputs.join(', ') || 'nothing'}`,
    ...(env.length === 0 ? [] : [`variables ${env.join(', ')}`]),
    `${timeout} s`,
    `${Math.round(memory / 1024 ** 2)} MiB`,
  ].join('; ');
}

function unreadLines(unread: readonly UnreadPackage[], style: Style): readonly string[] {
  const head = `${count(unread.length, 'tarball')} could not be read: nobody knows what ${unread.length === 1 ? 'it runs' : 'they run'}`;
  return [
    style.paint('error', head),
    ...unread.map(
      ({ name, version, reason }) => `  ${sanitize(toSpec(name, version ?? '*'))}: ${sanitize(reason, 500)}`,
    ),
  ];
}

function approvalLines(packages: readonly ListedScripts[], style: Style): readonly string[] {
  const entries = packages.flatMap((each) => (isApproved(each) ? [] : (approvalOf(each) ?? [])));
  if (entries.length === 0) return [];
  const head =
    'To approve what is held, read it, and add to the policy what you want to run (docs/scripts.md tells of grants):';
  return [
    '',
    style.paint('heading', head),
    'rules:',
    '  install-scripts:',
    '    allow:',
    ...entries.map((entry) => `      - ${sanitize(entry, 1000)}`),
  ];
}

function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
