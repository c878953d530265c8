import fs from 'node:fs';
import path from 'node:path';
import type { Expectation } from '../../scripts/conformance/refusal.ts';

const SAN =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';

export interface ConformanceCase {
  /** Ends in _fail where verification must fail. */
  readonly name: string;
  readonly expectation: Expectation & { readonly artifact: Uint8Array };
  /** The arguments of the suite's protocol, but for the file or digest. */
  readonly args: readonly string[];
  readonly artifactFile: string;
}

/** The suite's folders, with its defaults for what a folder leaves out. `shared`: see `sharedDir`. */
export function conformanceCases(shared: string): readonly ConformanceCase[] {
  const root = path.join(shared, 'conformance/bundle-verify');
  const publicRoot = path.join(shared, 'corpus/trust/trusted_root.json');
  return fs
    .readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readCase(root, name, publicRoot));
}

function readCase(root: string, name: string, publicRoot: string): ConformanceCase {
  const find = (file: string): string | undefined => {
    const full = path.join(root, name, file);
    return fs.existsSync(full) ? full : undefined;
  };
  const text = (file: string): string | undefined => {
    const full = find(file);
    return full === undefined ? undefined : fs.readFileSync(full, 'utf8');
  };
  const bundle = path.join(root, name, 'bundle.sigstore.json');
  const artifactFile = find('artifact') ?? path.join(root, 'a.txt');
  const trustedRoot = find('trusted_root.json') ?? publicRoot;
  const key = find('key.pub');
  const [san, issuer] = [text('identity') ?? SAN, text('issuer') ?? ISSUER];
  const signer =
    key === undefined
      ? ['--certificate-identity', san, '--certificate-oidc-issuer', issuer]
      : (['--key', key] as const);
  return {
    name,
    artifactFile,
    args: ['verify-bundle', '--bundle', bundle, ...signer, '--trusted-root', trustedRoot],
    expectation: {
      bundle: fs.readFileSync(bundle),
      trustedRoot: fs.readFileSync(trustedRoot),
      artifact: fs.readFileSync(artifactFile),
      signer: key === undefined ? { kind: 'identity', san, issuer } : { kind: 'key', pem: fs.readFileSync(key) },
    },
  };
}
