// What stands between an attack and its success, one line of code each, and the test that must notice when it is gone.

export interface Defence {
  /** What is promised, as docs/security-testing.md has it. */
  readonly promise: string;
  /** The file that holds the defence, and the text in it that is taken away (it must be there once). */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test that fails then; the pattern names it. */
  readonly test: string;
  readonly named: string;
}

export const DEFENCES: readonly Defence[] = [
  {
    promise: 'an attestation counts for the locked bytes only',
    file: 'packages/core/src/statement.ts',
    find: 'if (named.length > 0 && agreeing.length === named.length)',
    replace: 'if (named.length > 0)',
    test: 'test/adversarial-bundles.test.ts',
    named: 'other bytes, in a provenance',
  },
  {
    promise: 'an attestation counts for the locked name and version only',
    file: 'packages/core/src/statement.ts',
    find: 'const named = statement.subjects.filter(({ name }) => name === purl);',
    replace: 'const named = statement.subjects.filter(({ digests }) => digests.get("sha512") === sha512);',
    test: 'test/adversarial-bundles.test.ts',
    named: 'another version, in a provenance',
  },
  {
    promise: 'provenance is signed by a build, never with a key',
    file: 'packages/core/src/attestations/provenance.ts',
    find: "if (signer.kind !== 'certificate') return invalid('provenance-invalid', 'it is signed with a key, not by a build');",
    replace: "if (signer.kind !== 'certificate') return { status: 'verified' } as never;",
    test: 'test/adversarial-bundles.test.ts',
    named: 'a provenance that the registry signed itself',
  },
  {
    promise: 'a signing certificate is one for signing code',
    file: 'packages/core/src/sigstore/stricter-rules.ts',
    find: 'if (hasUsage(leaf, CODE_SIGNING)) return;',
    replace: 'return;',
    test: 'test/hardening/conformance-own.test.ts',
    named: 'a certificate for TLS servers',
  },
  {
    promise: 'a log that has ended vouches for nothing later',
    file: 'packages/core/src/sigstore/stricter-rules.ts',
    find: 'times.every((time) => start <= time && time <= end)',
    replace: 'start <= end',
    test: 'test/hardening/trust-life.test.ts',
    named: 'the old one had ended before the signature',
  },
  {
    promise: 'a bundle is of a media type that is known, exactly',
    file: 'packages/core/src/sigstore/bundle-shape.ts',
    find: 'if (!MEDIA_TYPES.includes(mediaType)) throw',
    replace: 'if (mediaType === "") throw',
    test: 'test/hardening/conformance-own.test.ts',
    named: 'unknown media type',
  },
  {
    promise: 'a bundle counts for the file that was signed only',
    file: 'packages/core/src/sigstore/stricter-rules.ts',
    find: 'if (digestOf(artifact, algorithm).equals(messageDigest.digest)) return;',
    replace: 'return;',
    test: 'test/hardening/conformance-own.test.ts',
    named: 'of another file is refused before any arithmetic',
  },
  {
    promise: 'a trusted root says from when on each of its keys counts',
    file: 'packages/core/src/sigstore/trusted-root.ts',
    find: "const start = validFor.member('start').instant();",
    replace: "const start = validFor.optional('start')?.instant() ?? new Date(0);",
    test: 'test/trusted-root.test.ts',
    named: 'start',
  },
  {
    promise: 'an identity is matched as a whole',
    file: 'packages/core/src/sigstore/match-identity.ts',
    find: "return typeof matcher === 'string' ? found === matcher",
    replace: "return typeof matcher === 'string' ? found.startsWith(matcher)",
    test: 'test/hardening/conformance-own.test.ts',
    named: 'address begins with the expected one',
  },
  {
    promise: 'no host is asked that no configuration names',
    file: 'packages/registry/src/http/client.ts',
    find: "url.password === '' && this.#config.allows(url)) return url;",
    replace: "url.password === '') return url;",
    test: 'test/hardening/hosts.test.ts',
    named: 'in a redirect of tarball',
  },
  {
    promise: 'credentials do not cross a redirect',
    file: 'packages/registry/src/http/client.ts',
    find: 'url.origin === first.origin ? this.#config.credentialsFor(url.href) : undefined',
    replace: 'this.#config.credentialsFor(url.href)',
    test: 'packages/registry/test/http/client.test.ts',
    named: 'never cross a redirect',
  },
  {
    promise: 'a server shows a certificate of its own, of an authority that is trusted',
    file: 'packages/registry/src/http/agents.ts',
    find: 'rejectUnauthorized: strict',
    replace: 'rejectUnauthorized: false',
    test: 'test/hardening/tls.test.ts',
    named: 'is refused',
  },
  {
    promise: 'a tarball is read within its bounds',
    file: 'packages/registry/src/tarball/read.ts',
    find: 'if (unpacked > limits.ratio * packed.size)',
    replace: 'if (unpacked < 0)',
    test: 'test/hardening/resources.test.ts',
    named: 'a gzip bomb',
  },
  {
    promise: 'YAML has no anchors, however harmless',
    file: 'packages/lockfile/src/yaml/load.ts',
    find: '  if (anchor !== null) {',
    replace: '  if (anchor !== null && text.length < 0) {',
    test: 'packages/lockfile/test/yaml/load.test.ts',
    named: 'anchor',
  },
  {
    promise: 'what YAML aliases of a project stand for is counted',
    file: 'packages/lockfile/src/project/read-document.ts',
    find: 'if (budget.left < 0) {',
    replace: 'if (budget.left < -Infinity) {',
    test: 'test/hardening/slow-inputs.test.ts',
    named: 'aliases of aliases in pnpm-workspace.yaml',
  },
  {
    promise: 'virtual packages of Yarn are followed one step',
    file: 'packages/lockfile/src/yarn-berry/source.ts',
    find: "if (parseReference(reference).protocol === 'virtual') return",
    replace: "if (parseReference(reference).protocol === 'never') return",
    test: 'test/hardening/slow-inputs.test.ts',
    named: 'a virtual package of a virtual package',
  },
  {
    promise: 'a line of yarn.lock has a bound',
    file: 'packages/lockfile/src/yarn-classic/parse.ts',
    find: 'if (line.length > MAX_LINE) throw',
    replace: 'if (line.length < 0) throw',
    test: 'test/hardening/resources.test.ts',
    named: 'a regular expression runs out of stack',
  },
  {
    promise: 'a block of yarn.lock ends where it ends for Yarn',
    file: 'packages/lockfile/src/yarn-classic/parse.ts',
    find: '      isOpen = false;\n',
    replace: '',
    test: 'packages/lockfile/test/yarn-classic/read.test.ts',
    named: 'a comment within a block',
  },
  {
    promise: 'no key of JSON stands twice in one object',
    file: 'packages/core/src/strict-json.ts',
    find: 'if (!isPlainlyStrict(text, value)) scanJson(text, RULES);',
    replace: 'if (text === "" && !isPlainlyStrict(text, value)) scanJson(text, RULES);',
    test: 'test/hardening/conformance-own.test.ts',
    named: 'a key twice',
  },
  {
    promise: 'a file of approvals has a bound',
    file: 'packages/signer/src/store/approvals-file.ts',
    find: 'if (number > MAX_LINES) throw',
    replace: 'if (number < 0) throw',
    test: 'test/hardening/resources.test.ts',
    named: '10,001 lines',
  },
  {
    promise: 'what a signing service answers makes a bundle, or nothing is signed',
    file: 'packages/signer/src/sign/sign-statements.ts',
    find: '  if (reason === undefined) return bundle as BundleJson;',
    replace: '  if (reason !== "") return bundle as BundleJson;',
    test: 'test/hardening/service-faults.test.ts',
    named: 'an empty object',
  },
  {
    promise: 'evidence that cannot be had is never a pass',
    file: 'packages/policy/src/evaluate.ts',
    find: "return undecided.length > 0 ? 'undecided' : 'good';",
    replace: "return undecided.length > 1000 ? 'undecided' : 'good';",
    test: 'test/hardening/faults.test.ts',
    named: 'stall',
  },
];
