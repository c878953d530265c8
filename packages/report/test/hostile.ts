// Texts that try to be more than text, and a report that has one of them in every place that an attacker can reach.
import type { Report } from '@lockseal/report';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../../../test/support/verification.ts';
import { rich } from './sample.ts';

/** A word that no format uses itself: where it is found, untrusted text is. */
export const MARK = 'evilmark';

export const HOSTILE: readonly (readonly [why: string, text: string])[] = [
  ['an ANSI escape clears the screen', `\u001B[2J\u001B]8;;http://evil.example\u0007${MARK}\u001B]8;;\u0007`],
  ['a C1 control starts an escape', `\u009B31m${MARK}`],
  ['a right-to-left override hides the extension', `${MARK}\u202Egnp.exe`],
  ['an image runs a script', `<img src=x onerror=alert(1)>${MARK}`],
  ['a script ends the data island', `</script><script>alert('${MARK}')</script>`],
  ['a comment opens in the data island', `<!--<script>${MARK}`],
  ['an attribute is left', `" onmouseover="alert(1)" x='${MARK}' y='`],
  ['a line break forges a line', `a\n::error::${MARK}\r\n::warning::b`],
  ['a workflow command sets an output', `::set-output name=x::${MARK}`],
  ['an old workflow command', `##[set-env name=PATH]${MARK}`],
  ['a property of a workflow command', `a,line=1,title=${MARK}::b%0A::error::c`],
  ['a Markdown link', `[${MARK}](http://evil.example)`],
  ['a Markdown image', `![${MARK}](http://evil.example/pixel.png)`],
  ['a reference link', `[${MARK}][1]\n\n[1]: http://evil.example`],
  ['bare addresses', `${MARK} http://evil.example www.evil.example evil@evil.example`],
  ['a mention and references', `@octocat @org/team #1 GH-1 org/repo#2 deadbeefcafe ${MARK}`],
  ['a code span is left', `\`${MARK}\` @octocat \`\`<b>\`\`\` <img src=x> \``],
  ['only backticks', '```'],
  ['backslashes before backticks', `\\\`${MARK}\\`],
  ['a table cell is left', `| ${MARK} | <b>x</b> |\\| y`],
  ['a fold is left', `</summary></details><h1>${MARK}</h1>`],
  ['emphasis, heading, quote, task', `# **${MARK}** > - [x] ~~a~~ :tada: $x$`],
  ['an entity', `&lt;img src=x&gt;&#60;b&#62;&colon;${MARK}`],
  ['CDATA ends', `]]>${MARK}<![CDATA[`],
  ['a document type with an entity', `<!DOCTYPE x [<!ENTITY e "${MARK}">]>&e;`],
  ['characters that XML does not allow', `\u0000\u0001\uFFFE\uD800${MARK}`],
  ['a SARIF placeholder and link', `{0} ${MARK} [a](1) [b\\](2)`],
  ['a template', `\${{ github.token }} {{ ${MARK} }} <%= x %>`],
  ['a prototype key', '__proto__'],
  ['nothing at all', ''],
  ['very long', MARK + 'x'.repeat(100_000)],
];

/** `text` is the lockfile's path, each name, each digest and each reason at once. */
export function hostileReport(text: string): Report {
  const entry = { ...locked(text, text, 7), id: text };
  const { identity } = provenance;
  const checks = signedChecks({
    registry: { status: 'verified', url: text },
    signature: { status: 'invalid', code: 'signature-invalid', reason: text },
    provenance: {
      status: 'verified',
      ...provenance,
      builder: text,
      identity: { ...identity, san: text, repository: text, ref: text, runUrl: text, workflow: text },
    },
  });
  const published = { publishedAt: text, publisher: text, deprecated: text, license: text };
  const about = { subject: text, entry: text, path: ['.', text, text], position: { line: 7, column: 5 }, fix: text };
  const finding = { rule: text, ...about, dependency: text, expected: text, found: text, detail: text };
  return {
    ...rich,
    verification: verificationOf([evidenceOf(entry, { grade: 'contradicted', checks, reason: text, published })], {
      baseline: { origin: text },
      lockfile: { ...rich.verification.lockfile, path: text, formatVersion: text },
      trust: { root: { origin: 'file', sha256: '67'.repeat(32), asOf: text }, keys: [] },
    }),
    findings: [
      { ...finding, code: 'signature-invalid', level: 'error' },
      { ...finding, code: 'insecure-url', level: 'warn' },
      { ...finding, code: 'signature-missing', level: 'note', position: undefined },
      { ...finding, code: 'custom-rule', level: 'note', entry: undefined, file: text },
    ],
    undecided: [{ ...about, check: 'registry', error: 'ERR_TIMEOUT', reason: text }],
    warnings: [text],
    policy: { name: text, sha256: '89'.repeat(32), origin: text },
    waived: [{ finding: { ...finding, code: 'insecure-url', level: 'error' }, who: text, reason: text, expires: text }],
    locate: () => ({ position: about.position, path: about.path }),
  };
}
