// Shows our bundles to other people's verifiers, and writes what they say as a table:
//
//   node scripts/run.mjs script scripts/interop.ts [folder with the verifiers]
//
// The folder may hold cosign, sigstore-go and slsa-verifier (in bin/ or itself) and a Python environment with sigstore
// (venv/); docs/interop.md tells how each is installed, pinned. What is not there is printed as not tried. Everything
// is signed here, by a Sigstore instance in this process, so nothing but the verifiers' own start can need a network.
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { createSigstore, type SigstoreServer } from '@lockseal/testkit';
import {
  APPROVAL_PREDICATE,
  APPROVED_LEVEL,
  buildVsa,
  generateKey,
  keyHint,
  loadPrivateKey,
  parseSigningConfig,
  signStatements,
  VERIFIER_ID,
  type ApprovalStatement,
  type SigningServices,
} from '../packages/signer/src/index.ts';
import { approval, sample } from '../packages/signer/test/support/sample.ts';

const ISSUER = 'https://accounts.example.com';
const SAN = 'ana@example.com';
const tools = path.resolve(process.argv[2] ?? path.join(os.homedir(), '.cache', 'lockseal-interop'));
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-interop-'));

interface Material {
  readonly lockfile: string;
  readonly root: string;
  /** A file that is not the lockfile. */
  readonly other: string;
  readonly bundles: ReadonlyMap<string, { readonly bundle: string; readonly publicKey: string | undefined }>;
  readonly vsa: {
    readonly bundle: string;
    readonly publicKey: string;
    readonly hint: string;
    readonly resourceUri: string;
  };
}

interface Attempt {
  readonly tool: string;
  readonly what: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly expected: 'accepts' | 'refuses';
}

const file = (name: string): string => path.join(work, name);

function write(name: string, data: string | Uint8Array): string {
  fs.writeFileSync(file(name), data);
  return file(name);
}

async function mint(): Promise<Material> {
  const sigstore = await createSigstore();
  const lockfile = write('package-lock.json', 'lockfile');
  const other = write('other.json', 'another lockfile');
  const root = write('trusted_root.json', JSON.stringify(sigstore.trustedRoot));
  const statement = approval({
    ...sample('lockfile'),
    approvedAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
  });
  const bundles = new Map<string, { bundle: string; publicKey: string | undefined }>();
  const server = await sigstore.serve();
  for (const algorithm of ['P-256', 'P-384', 'Ed25519'] as const) {
    bundles.set(
      `key ${algorithm}, timestamp`,
      await withKey(statement, algorithm, { timestampAuthority: server.tsaUrl }),
    );
  }
  bundles.set('key P-256, alone', await withKey(statement, 'P-256', {}));
  for (const algorithm of ['P-256', 'Ed25519'] as const) {
    for (const rekor of [1, 2] as const) {
      bundles.set(`key ${algorithm}, Rekor ${rekor}`, await withKey(statement, algorithm, await logOf(server, rekor)));
    }
  }
  for (const rekor of [1, 2] as const) {
    bundles.set(`identity, Rekor ${rekor}`, { bundle: await keyless(server, statement, rekor), publicKey: undefined });
  }
  await server.close();
  return { lockfile, other, root, bundles, vsa: await withVsa(statement) };
}

/** The log, and the timestamp authority where the log does not vouch for the time. */
async function logOf(server: SigstoreServer, rekor: 1 | 2): Promise<Partial<SigningServices>> {
  return parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), new Date());
}

async function withKey(
  statement: ApprovalStatement,
  algorithm: 'P-256' | 'P-384' | 'Ed25519',
  { log, timestampAuthority }: Partial<SigningServices>,
): Promise<{ bundle: string; publicKey: string }> {
  const key = generateKey(algorithm);
  const signer = loadPrivateKey(key.privateKey, 'generated');
  const [, bundle] = await signStatements([buildVsa(statement), statement], {
    kind: 'key',
    signer,
    services: { log, timestampAuthority },
  });
  const name = [algorithm, log?.majorApiVersion ?? 'no-log', timestampAuthority === undefined ? 'alone' : 'time'].join(
    '-',
  );
  return {
    bundle: write(`${name}.sigstore.json`, JSON.stringify(bundle)),
    publicKey: write(`${name}.pub.pem`, key.publicKey),
  };
}

async function keyless(server: SigstoreServer, statement: ApprovalStatement, rekor: 1 | 2): Promise<string> {
  const config = await parseSigningConfig(Buffer.from(JSON.stringify(server.signingConfig(rekor))), new Date());
  const services = { ...config, fulcio: server.fulcioUrl };
  const identityToken = async (): Promise<string> => server.emailToken(SAN, ISSUER);
  // The second entry: of a log's first, index 0 and an empty list of hashes are left out by the JSON of Protocol Buffers,
  // and sigstore-python wants to see them.
  const [, bundle] = await signStatements([buildVsa(statement), statement], {
    kind: 'keyless',
    services,
    identityToken,
  });
  return write(`rekor-${rekor}.sigstore.json`, JSON.stringify(bundle));
}

async function withVsa(statement: ApprovalStatement): Promise<Material['vsa']> {
  const key = generateKey('P-256');
  const services = { log: undefined, timestampAuthority: undefined };
  const vsa = buildVsa(statement);
  const [bundle] = await signStatements([vsa], {
    kind: 'key',
    signer: loadPrivateKey(key.privateKey, 'generated'),
    services,
  });
  const { dsseEnvelope } = bundle as { readonly dsseEnvelope: object };
  return {
    // slsa-verifier reads the envelope alone.
    bundle: write('vsa.dsse.json', JSON.stringify(dsseEnvelope)),
    publicKey: write('vsa.pub.pem', key.publicKey),
    hint: keyHint(createPublicKey(key.publicKey)),
    resourceUri: vsa.predicate.resourceUri,
  };
}

/** The verifier's own name in the folder, or on the PATH. */
function find(name: string): string {
  const places = [path.join(tools, 'bin', name), path.join(tools, 'venv', 'bin', name), path.join(tools, name)];
  return places.find((place) => fs.existsSync(place)) ?? name;
}

function attempts(material: Material): readonly Attempt[] {
  return [
    ...cosign(material),
    ...sigstoreGo(material),
    ...sigstorePython(material),
    ...sigstoreJs(material),
    ...slsaVerifier(material),
    ...gh(material),
  ];
}

/** Once over the lockfile that was approved, and once over another. */
function both(material: Material, make: (artifact: string) => Omit<Attempt, 'expected'>): Attempt[] {
  return [
    { ...make(material.lockfile), expected: 'accepts' },
    { ...make(material.other), expected: 'refuses' },
  ];
}

const isLogged = (what: string): boolean => what.includes('Rekor');
const hasTimestamp = (what: string): boolean => what.includes('timestamp') || what.includes('Rekor 2');

function cosign(material: Material): Attempt[] {
  return [...material.bundles].flatMap(([what, { bundle, publicKey }]) =>
    both(material, (artifact) => {
      const signer =
        publicKey === undefined
          ? ['--certificate-identity', SAN, '--certificate-oidc-issuer', ISSUER, '--trusted-root', material.root]
          : [
              '--key',
              publicKey,
              ...(isLogged(what) ? [] : ['--insecure-ignore-tlog']),
              '--trusted-root',
              material.root,
            ];
      const times = hasTimestamp(what) && !what.startsWith('identity') ? ['--use-signed-timestamps'] : [];
      const common = ['verify-blob-attestation', '--bundle', bundle, '--type', APPROVAL_PREDICATE];
      return { tool: 'cosign', what, command: [find('cosign'), ...common, ...signer, ...times, artifact] };
    }),
  );
}

function sigstoreGo(material: Material): Attempt[] {
  return [...material.bundles].flatMap(([what, { bundle, publicKey }]) =>
    both(material, (artifact) => {
      const signer =
        publicKey === undefined
          ? ['-expectedIssuer', ISSUER, '-expectedSAN', SAN]
          : [
              '-publicKey',
              publicKey,
              `-requireTlog=${isLogged(what)}`,
              '-requireCTlog=false',
              // By an authority, or by a log of version 1.
              `-requireTimestamp=${hasTimestamp(what) || isLogged(what)}`,
            ];
      const common = ['-artifact', artifact, '-trustedrootJSONpath', material.root];
      return {
        tool: 'sigstore-go',
        what,
        command: [find('sigstore-go-verification'), ...common, ...signer, bundle],
      };
    }),
  );
}

/** By its library: its command line takes no trusted root of one's own for statements. It knows no keys. */
const PYTHON = `
import hashlib, json, sys
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity
root, bundle, artifact, san, issuer = sys.argv[1:]
verifier = Verifier(trusted_root=TrustedRoot.from_file(root))
_, payload = verifier.verify_dsse(Bundle.from_json(open(bundle).read()), Identity(identity=san, issuer=issuer))
digest = hashlib.sha256(open(artifact, 'rb').read()).hexdigest()
if not any(subject['digest'].get('sha256') == digest for subject in json.loads(payload)['subject']):
    sys.exit('no subject has this digest')
`;

function sigstorePython(material: Material): Attempt[] {
  const script = write('verify.py', PYTHON);
  return [...material.bundles]
    .filter(([, { publicKey }]) => publicKey === undefined)
    .flatMap(([what, { bundle }]) =>
      both(material, (artifact) => ({
        tool: 'sigstore-python',
        what,
        command: [path.join(tools, 'venv', 'bin', 'python'), script, material.root, bundle, artifact, SAN, ISSUER],
      })),
    );
}

/** The stock library, as anybody calls it. */
const JAVASCRIPT = `
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [, , verify, bundles, specs, rootFile, bundleFile, artifact, keyFile, tlogThreshold, san] = process.argv;
const { toSignedEntity, toTrustMaterial, Verifier } = await import(verify);
const { bundleFromJSON } = await import(bundles);
const { TrustedRoot } = await import(specs);
const key = keyFile === '' ? undefined : { publicKey: createPublicKey(readFileSync(keyFile)), validFor: () => true };
const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(rootFile, 'utf8')));
const bundle = bundleFromJSON(JSON.parse(readFileSync(bundleFile, 'utf8')));
const thresholds = { tlogThreshold: Number(tlogThreshold), timestampThreshold: Number(tlogThreshold) };
const policy = san === '' ? undefined : { subjectAlternativeName: new RegExp('^' + RegExp.escape(san) + '$') };
new Verifier(toTrustMaterial(root, () => key), thresholds).verify(toSignedEntity(bundle), policy);
const digest = createHash('sha256').update(readFileSync(artifact)).digest('hex');
const { subject } = JSON.parse(bundle.content.dsseEnvelope.payload);
if (!subject.some((each) => each.digest.sha256 === digest)) throw new Error('no subject has this digest');
`;

function sigstoreJs(material: Material): Attempt[] {
  const script = write('verify.mjs', JAVASCRIPT);
  const from = createRequire(path.resolve(import.meta.dirname, '../packages/core/package.json'));
  const libraries = ['@sigstore/verify', '@sigstore/bundle', '@sigstore/protobuf-specs'].map(
    (name) => pathToFileURL(from.resolve(name)).href,
  );
  return [...material.bundles].flatMap(([what, { bundle, publicKey }]) =>
    both(material, (artifact) => {
      const signer = publicKey === undefined ? ['', '1', SAN] : [publicKey, isLogged(what) ? '1' : '0', ''];
      const command = [process.execPath, script, ...libraries, material.root, bundle, artifact, ...signer] as const;
      return { tool: 'sigstore-js', what, command: [...command] };
    }),
  );
}

function slsaVerifier({ vsa, lockfile, other }: Material): Attempt[] {
  const attempt = (artifact: string, expected: Attempt['expected']): Attempt => {
    const digest = createHash('sha256').update(fs.readFileSync(artifact)).digest('hex');
    const asked = [
      '--subject-digest',
      `sha256:${digest}`,
      '--verifier-id',
      VERIFIER_ID,
      '--resource-uri',
      vsa.resourceUri,
    ];
    const key = ['--public-key-path', vsa.publicKey, '--public-key-id', vsa.hint];
    const level = ['--verified-level', APPROVED_LEVEL];
    return {
      tool: 'slsa-verifier',
      what: 'summary, key P-256',
      command: [find('slsa-verifier'), 'verify-vsa', '--attestation-path', vsa.bundle, ...asked, ...level, ...key],
      expected,
    };
  };
  return [attempt(lockfile, 'accepts'), attempt(other, 'refuses')];
}

function gh(material: Material): Attempt[] {
  const bundle = material.bundles.get('identity, Rekor 1')?.bundle ?? '';
  return both(material, (artifact) => ({
    tool: 'gh',
    what: 'identity, Rekor 1',
    command: [
      find('gh'),
      'attestation',
      'verify',
      artifact,
      '--bundle',
      bundle,
      '--custom-trusted-root',
      material.root,
      '--predicate-type',
      APPROVAL_PREDICATE,
      '--cert-identity',
      SAN,
      '--cert-oidc-issuer',
      ISSUER,
      '--owner',
      'example',
    ],
  }));
}

function run({ command: [program, ...args], expected }: Attempt): { readonly outcome: string; readonly said: string } {
  const env = { ...process.env, HOME: work, TUF_ROOT: work, SIGSTORE_NO_CACHE: '1' };
  const result = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, env });
  if (result.error !== undefined) return { outcome: 'not tried', said: result.error.message };
  const outcome = result.status === 0 ? 'accepts' : 'refuses';
  const lines = `${result.stderr}\n${result.stdout}`.split('\n').filter((line) => line.trim() !== '');
  return {
    outcome: outcome === expected ? outcome : `${outcome}, unexpectedly`,
    said: (lines.at(-1) ?? '').slice(0, 160),
  };
}

const material = await mint();
console.log('| verifier | bundle | lockfile | outcome |\n|---|---|---|---|');
let surprises = 0;
for (const attempt of attempts(material)) {
  const { outcome, said } = run(attempt);
  const artifact = attempt.expected === 'accepts' ? 'the approved one' : 'another one';
  if (outcome.includes('unexpectedly')) surprises += 1;
  const words = outcome === attempt.expected ? '' : ` (${said})`;
  console.log(`| ${attempt.tool} | ${attempt.what} | ${artifact} | ${outcome}${words} |`);
}
if (process.env['LOCKSEAL_KEEP'] === undefined) fs.rmSync(work, { recursive: true });
else console.log(work);
process.exitCode = surprises === 0 ? 0 : 1;
