// Each way in which evidence can be good, missing, withheld, broken or about something else, over HTTP.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createRegistry,
  createSigstore,
  packTarball,
  type Fault,
  type FaultMatch,
  type NpmLockfile,
  type PublishOptions,
  type RegistryBox,
  type RegistryServer,
  type Statement,
} from '@lockseal/testkit';
import { runCli } from './support/run-cli.ts';

type Entry = Record<string, unknown>;

interface Scenario {
  readonly why: string;
  /** What the one locked package is published with. */
  readonly publish?: Partial<PublishOptions>;
  /** Changes the entry of the lockfile. */
  readonly lock?: (entry: Entry, registry: RegistryBox) => void;
  readonly faults?: readonly (readonly [FaultMatch, Fault])[];
  readonly flags?: readonly string[];
  readonly grade: 'proven' | 'signed' | 'unsigned' | 'unprovable' | 'contradicted';
  readonly exitCode: 0 | 1 | 3;
  /** Codes of findings above `note`. */
  readonly codes?: readonly string[];
  /** What the fix of every finding about signature or attestations must say. */
  readonly fixes?: RegExp;
}

const otherTarball = packTarball([{ path: 'package/package.json', content: '{"name":"subject","version":"1.0.0"}' }]);
const nothing = { signature: false, publishAttestation: false, provenance: false } as const;
const sha1Of = (registry: RegistryBox): string => {
  const hex = registry.find('subject', '1.0.0')?.shasum ?? '';
  return `sha1-${Buffer.from(hex, 'hex').toString('base64')}`;
};

/** A predicate that tells of a build of another repository than the one whose certificate signs it. */
const fromElsewhere = (statement: Statement): unknown =>
  JSON.parse(JSON.stringify(statement).replaceAll('https://github.com/acme/subject', 'https://github.com/acme/other'));

const scenarios: readonly Scenario[] = [
  { why: 'everything is there', grade: 'proven', exitCode: 0 },
  { why: 'everything is there, and every byte is read', flags: ['--tarballs'], grade: 'proven', exitCode: 0 },
  { why: 'no provenance', publish: { evidence: { provenance: false } }, grade: 'signed', exitCode: 0 },
  {
    why: 'a registry signature only',
    publish: { evidence: { provenance: false, publishAttestation: false } },
    grade: 'signed',
    exitCode: 0,
  },
  {
    why: 'a publish attestation only',
    publish: { evidence: { provenance: false, signature: false } },
    grade: 'signed',
    exitCode: 0,
  },
  { why: 'nothing, from a registry that signs', publish: { evidence: nothing }, grade: 'unsigned', exitCode: 0 },
  {
    why: 'a mirror strips attestations and their announcement: the signature remains',
    faults: [[{}, { type: 'strip-attestations' }]],
    grade: 'signed',
    exitCode: 0,
  },
  {
    why: 'attestations are announced and not served',
    faults: [[{ route: 'attestations' }, { type: 'status', status: 404 }]],
    grade: 'signed',
    exitCode: 0,
    codes: ['attestations-withheld'],
  },
  {
    why: 'attestations cannot be had: what was had still counts',
    faults: [[{ route: 'attestations' }, { type: 'status', status: 500 }]],
    grade: 'signed',
    exitCode: 0,
    codes: ['evidence-unavailable'],
  },
  {
    why: 'the version document cannot be had: nothing was held against the lockfile',
    faults: [[{ route: ['version', 'packument'] }, { type: 'status', status: 500 }]],
    grade: 'proven',
    exitCode: 3,
  },
  {
    why: 'the version document is garbage',
    faults: [[{ route: ['version', 'packument'] }, { type: 'garbage' }]],
    grade: 'proven',
    exitCode: 3,
  },
  {
    why: 'the registry does not know the version',
    faults: [[{ route: ['version', 'packument'] }, { type: 'status', status: 404 }]],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['version-vanished'],
  },
  {
    why: 'the registry has another digest than the lockfile; the evidence is for the locked one',
    faults: [[{ route: ['version', 'packument'] }, { type: 'wrong-digest' }]],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['integrity-mismatch'],
  },
  {
    why: 'the tarball served is another',
    faults: [[{ route: 'tarball' }, { type: 'other-bytes', bytes: otherTarball }]],
    flags: ['--tarballs'],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['tarball-mismatch'],
  },
  {
    why: 'what is served as the tarball cannot be unpacked, and is not what is locked either',
    faults: [[{ route: 'tarball' }, { type: 'other-bytes' }]],
    flags: ['--tarballs'],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['tarball-mismatch'],
  },
  {
    why: 'the tarball breaks off, and every tarball was asked for',
    faults: [[{ route: 'tarball' }, { type: 'truncate', bytes: 100 }]],
    flags: ['--tarballs'],
    grade: 'proven',
    exitCode: 3,
  },
  ...(['payload', 'signature', 'certificate-bytes', 'inclusion-proof', 'checkpoint'] as const).map(
    (tamper): Scenario => ({
      why: `the provenance is tampered with: ${tamper}`,
      faults: [[{ route: 'attestations' }, { type: 'tamper-bundle', tamper, only: 'provenance' }]],
      grade: 'contradicted',
      exitCode: 1,
      codes: ['provenance-invalid'],
    }),
  ),
  {
    why: 'the publish attestation is tampered with; valid provenance does not heal it',
    faults: [[{ route: 'attestations' }, { type: 'tamper-bundle', tamper: 'signature', only: 'publish' }]],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['publish-attestation-invalid'],
  },
  {
    why: 'the predicate tells another repository than the certificate',
    publish: { evidence: { provenance: { edit: fromElsewhere } } },
    grade: 'contradicted',
    exitCode: 1,
    codes: ['provenance-inconsistent'],
  },
  {
    why: 'no integrity: nothing is locked, so no evidence is for it',
    lock: (entry) => delete entry['integrity'],
    grade: 'unprovable',
    exitCode: 1,
    codes: ['integrity-missing'],
  },
  {
    why: "no integrity, and what the registry publishes is not what it signs: a forger's word is no evidence",
    lock: (entry) => delete entry['integrity'],
    faults: [[{ route: ['version', 'packument'] }, { type: 'wrong-digest' }]],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['integrity-missing', 'signature-invalid'],
  },
  {
    why: 'no integrity, and other bytes are served than the registry publishes',
    lock: (entry) => delete entry['integrity'],
    faults: [[{ route: 'tarball' }, { type: 'other-bytes', bytes: otherTarball }]],
    flags: ['--tarballs'],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['integrity-missing', 'tarball-mismatch'],
  },
  {
    why: 'sha1 only: the bytes are read once and bound, and the weakness is told',
    lock: (entry, registry) => (entry['integrity'] = sha1Of(registry)),
    grade: 'proven',
    exitCode: 1,
    codes: ['integrity-weak'],
  },
  {
    why: 'sha1 only, and no tarball may be read: nothing is bound',
    lock: (entry, registry) => (entry['integrity'] = sha1Of(registry)),
    flags: ['--no-tarballs'],
    grade: 'unprovable',
    exitCode: 1,
    codes: ['integrity-weak'],
  },
  {
    why: 'sha1 of something else',
    lock: (entry) => (entry['integrity'] = `sha1-${Buffer.alloc(20).toString('base64')}`),
    grade: 'contradicted',
    exitCode: 1,
    codes: ['integrity-weak', 'tarball-mismatch'],
  },
  {
    why: 'two sha512 hashes: either would pass, so none binds',
    lock: (entry) =>
      (entry['integrity'] = `${String(entry['integrity'])} sha512-${Buffer.alloc(64).toString('base64')}`),
    grade: 'unprovable',
    exitCode: 1,
    codes: ['integrity-ambiguous'],
  },
  {
    why: "another package's tarball and hash under this name: all evidence is for other bytes than the locked ones",
    lock: (entry) => {
      entry['resolved'] = 'https://registry.npmjs.org/other/-/other-1.0.0.tgz';
      entry['integrity'] = `sha512-${Buffer.alloc(64).toString('base64')}`;
    },
    grade: 'contradicted',
    exitCode: 1,
    codes: [
      'integrity-mismatch',
      'provenance-invalid',
      'publish-attestation-invalid',
      'signature-invalid',
      'url-mismatch',
    ],
    fixes: /^Mend the locked digest first/,
  },
  {
    why: 'the registry tells other dependencies than the tarball',
    publish: { peerDependencies: { other: '^1.0.0' }, manifestOverride: { peerDependencies: {} } },
    flags: ['--tarballs'],
    grade: 'proven',
    exitCode: 0,
    codes: ['manifest-mismatch'],
  },
  {
    why: 'the tarball holds the package.json of another package',
    publish: { manifest: { name: 'impostor' }, manifestOverride: { name: 'subject' } },
    flags: ['--tarballs'],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['name-mismatch'],
  },
  {
    why: 'the registry and the lockfile hide an install script',
    publish: { scripts: { postinstall: 'node x.js' }, manifestOverride: { scripts: {}, hasInstallScript: false } },
    flags: ['--tarballs'],
    grade: 'proven',
    exitCode: 0,
    codes: ['manifest-mismatch', 'script-undeclared'],
  },
  {
    why: "the key that attests is none of the registry's: it may be anybody's, so the attestation speaks against the package",
    publish: { evidence: { signature: false } },
    faults: [[{ route: 'keys' }, { type: 'status', status: 404 }]],
    flags: ['--registry-keys', 'other.json'],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['publish-attestation-invalid'],
  },
  {
    why: 'the keys cannot be read: whether the attestation is theirs is undecided, and good provenance does not make up for it',
    faults: [[{ route: 'keys' }, { type: 'garbage' }]],
    grade: 'unprovable',
    exitCode: 3,
    codes: ['evidence-unavailable'],
  },
  {
    why: 'the keys cannot be had, and the policy passes over what it can: evidence that is not to be had, an invalid attestation',
    faults: [[{ route: 'keys' }, { type: 'status', status: 500 }]],
    flags: ['--policy', 'careless.yaml'],
    grade: 'unprovable',
    exitCode: 3,
    codes: ['waiver-unused'],
  },
  {
    why: 'the keys cannot be had, and the policy is strict',
    faults: [[{ route: 'keys' }, { type: 'status', status: 500 }]],
    flags: ['--policy', 'careful.yaml'],
    grade: 'unprovable',
    exitCode: 1,
    codes: ['evidence-unavailable'],
  },
  {
    why: 'the keys cannot be had, and an attestation with another signature: nobody can tell it from a good one',
    faults: [
      [{ route: 'keys' }, { type: 'status', status: 500 }],
      [{ route: 'attestations' }, { type: 'tamper-bundle', tamper: 'signature', only: 'publish' }],
    ],
    grade: 'unprovable',
    exitCode: 3,
    codes: ['evidence-unavailable'],
  },
  {
    why: 'the keys cannot be had, and another digest is locked and served than what is attested: no key would mend it',
    publish: { evidence: { provenance: false } },
    lock: (entry) => (entry['integrity'] = `sha512-${Buffer.alloc(64).toString('base64')}`),
    faults: [
      [{ route: 'keys' }, { type: 'status', status: 500 }],
      [{ route: ['version', 'packument'] }, { type: 'wrong-digest' }],
    ],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['evidence-unavailable', 'integrity-mismatch', 'publish-attestation-invalid'],
  },
  {
    why: 'the keys cannot be had, and a tampered provenance, which no key has signed',
    faults: [
      [{ route: 'keys' }, { type: 'status', status: 500 }],
      [{ route: 'attestations' }, { type: 'tamper-bundle', tamper: 'signature', only: 'provenance' }],
    ],
    grade: 'contradicted',
    exitCode: 1,
    codes: ['evidence-unavailable', 'provenance-invalid'],
  },
  {
    why: 'the keys cannot be had, and nothing is served that they should have attested',
    publish: { evidence: { publishAttestation: false } },
    faults: [[{ route: 'keys' }, { type: 'status', status: 500 }]],
    grade: 'proven',
    exitCode: 0,
    codes: ['evidence-unavailable'],
  },
  { why: 'offline, with an empty cache: nothing is known', flags: ['--offline'], grade: 'unprovable', exitCode: 3 },
];

const IN_A_MONTH = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

const POLICIES = {
  'careless.yaml': `version: 1
rules: {evidence: off}
waivers:
  - {package: subject@1.0.0, rule: publish-attestation, reason: for a test, who: ana, expires: ${IN_A_MONTH}}
`,
  'careful.yaml':
    'version: 1\nrules: {publish-attestation: {require: true}, evidence: {levels: {evidence-unavailable: error}}}\n',
};

interface JsonReport {
  readonly evidence: readonly { readonly grade: string; readonly reason: string }[];
  readonly findings: readonly { readonly code: string; readonly level: string; readonly fix: string }[];
}

describe('verify', () => {
  let directory: string;
  before(() => void (directory = mkdtempSync(path.join(tmpdir(), 'lockseal-verify-'))));
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const scenario of scenarios) {
    test(scenario.why, async () => {
      const { exitCode, report, stderr } = await runScenario(directory, scenario);
      const [evidence] = report.evidence;
      const above = report.findings.filter(({ level }) => level !== 'note').map(({ code }) => code);
      const said = `${evidence?.reason ?? ''} ${above.join(' ')} ${stderr}`;
      assert.equal(evidence?.grade, scenario.grade, said);
      assert.deepEqual([...new Set(above)].sort(), [...(scenario.codes ?? [])].sort(), said);
      assert.equal(exitCode, scenario.exitCode, said);
      for (const { code, fix } of scenario.fixes === undefined ? [] : report.findings) {
        if (/^(?:signature|provenance|publish)/.test(code)) assert.match(fix, scenario.fixes ?? /$^/);
      }
    });
  }
});

async function runScenario(
  directory: string,
  scenario: Scenario,
): Promise<{ exitCode: number; report: JsonReport; stderr: string }> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  registry.publish({ name: 'subject', version: '1.0.0', ...scenario.publish });
  const server = await registry.serve();
  try {
    const lockfile = await writeProject(directory, registry, server);
    scenario.lock?.(lockfile.packages['node_modules/subject'] as Entry, registry);
    writeFileSync(path.join(directory, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
    writeFileSync(path.join(directory, 'root.json'), JSON.stringify(sigstore.trustedRoot));
    writeFileSync(path.join(directory, 'keys.json'), JSON.stringify(sigstore.keysTarget()));
    const other = await createSigstore();
    other.addRegistryKey();
    writeFileSync(path.join(directory, 'other.json'), JSON.stringify(other.keysTarget()));
    for (const [name, text] of Object.entries(POLICIES)) writeFileSync(path.join(directory, name), text);
    for (const [match, fault] of scenario.faults ?? []) registry.fault(match, fault);
    const keys = scenario.flags?.includes('--registry-keys') === true ? [] : ['--registry-keys', 'keys.json'];
    const args = ['verify', '--json', '--no-cache', '--trusted-root', 'root.json', ...keys, ...(scenario.flags ?? [])];
    // One try: what a retry would hide is tested in the registry package.
    const env = { npm_config_fetch_retries: '0' };
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: directory, env });
    assert.notEqual(stdout, '', stderr);
    return { exitCode, report: JSON.parse(stdout) as JsonReport, stderr };
  } finally {
    await server.close();
  }
}

async function writeProject(directory: string, registry: RegistryBox, server: RegistryServer): Promise<NpmLockfile> {
  const project = { name: 'project', version: '1.0.0', dependencies: { subject: '1.0.0' } };
  return registry.writeProject(directory, project, { registry: server.url });
}
