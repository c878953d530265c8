import { parseArgs } from 'node:util';

// https://github.com/sigstore/sigstore-conformance/blob/main/docs/cli_protocol.md

export type Request =
  | {
      readonly command: 'sign-bundle';
      readonly staging: boolean;
      readonly inToto: boolean;
      readonly identityToken: string;
      readonly bundle: string;
      readonly trustedRoot: string | undefined;
      readonly signingConfig: string | undefined;
      readonly file: string;
    }
  | {
      readonly command: 'verify-bundle';
      readonly staging: boolean;
      readonly bundle: string;
      readonly signer: ExpectedSigner;
      readonly trustedRoot: string | undefined;
      readonly fileOrDigest: string;
    };

type ExpectedSigner =
  | { readonly kind: 'identity'; readonly san: string; readonly issuer: string }
  /** A file with a public key in PEM. */
  | { readonly kind: 'key'; readonly file: string };

/** @throws Error for whatever the protocol does not have */
export function parseRequest([command, ...rest]: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      staging: { type: 'boolean', default: false },
      'in-toto': { type: 'boolean', default: false },
      'identity-token': { type: 'string' },
      bundle: { type: 'string' },
      'certificate-identity': { type: 'string' },
      'certificate-oidc-issuer': { type: 'string' },
      key: { type: 'string' },
      'trusted-root': { type: 'string' },
      'signing-config': { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Error('give one file');
  const common = {
    staging: values.staging,
    bundle: required('--bundle', values.bundle),
    trustedRoot: values['trusted-root'],
  };
  switch (command) {
    case 'sign-bundle': {
      const identityToken = required('--identity-token', values['identity-token']);
      return {
        command,
        ...common,
        inToto: values['in-toto'],
        identityToken,
        signingConfig: values['signing-config'],
        file,
      };
    }
    case 'verify-bundle': {
      const { 'certificate-identity': san, 'certificate-oidc-issuer': issuer, key } = values;
      return { command, ...common, signer: expectedSigner(san, issuer, key), fileOrDigest: file };
    }
    case undefined:
    default:
      throw new Error(`no command is called ${command ?? ''}: sign-bundle or verify-bundle`);
  }
}

function expectedSigner(san: string | undefined, issuer: string | undefined, key: string | undefined): ExpectedSigner {
  if (key !== undefined && san === undefined && issuer === undefined) return { kind: 'key', file: key };
  if (key !== undefined) throw new Error('give either --key or an identity');
  return {
    kind: 'identity',
    san: required('--certificate-identity', san),
    issuer: required('--certificate-oidc-issuer', issuer),
  };
}

function required(option: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new Error(`${option} is missing`);
}
