import { isAddress, parseAuthority, type Authority } from '@lockseal/core';
import type { JsonSchema } from '../options.ts';
import type { InstallSettings } from '../policy.ts';
import type { PolicyNode } from './policy-node.ts';

/** What one file says of installing; undefined: nothing. */
export type InstallLayer = { readonly [Key in keyof InstallSettings]: InstallSettings[Key] | undefined };

export const HTTPS_PORT = 443;
const HINT = 'Write a host, or a host with a port: github.com, git.example.com:8443. Patterns and URLs are none.';
/** As a schema says it; the reader knows better. */
export const HOST = '^([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$';

export const installSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'What an install through the gate may reach besides approved packages.',
  properties: {
    allowHosts: {
      anyOf: [
        { type: 'string', pattern: HOST },
        { type: 'array', items: { type: 'string', pattern: HOST } },
      ],
      description: 'Hosts (port 443) or host:port, exactly, to which connections are let through unseen.',
    },
    git: {
      enum: ['refuse', 'pinned'],
      description: 'Dependencies by git: none, or those whose full commit was approved. Default: refuse.',
    },
  },
};

/** The section `install`. */
export function readInstall(node: PolicyNode | undefined): InstallLayer {
  const members = node?.known('allowHosts', 'git');
  const hosts = members?.get('allowHosts');
  return {
    allowHosts: hosts?.texts().flatMap(({ text, node: each }) => readHost(text, each) ?? []),
    git: members?.get('git')?.choice('refuse', 'pinned'),
  };
}

/** A host that a build may reach: no other machine than one that has a name or address of its own. */
export function readHost(text: string, node: PolicyNode): Authority | undefined {
  const authority = parseAuthority(text, HTTPS_PORT);
  if (authority === undefined) return node.report('bad-value', `is no host: ${JSON.stringify(text)}`, HINT);
  const isHere = authority.host === 'localhost' || authority.host.endsWith('.localhost');
  // Metadata services and whatever else listens on the machine that builds are no part of a build.
  if (!isHere && !(isAddress(authority.host) && isOwnMachine(authority.host))) return authority;
  return node.report('bad-value', `is this machine, or one beside it: ${JSON.stringify(text)}`, HINT);
}

/** Loopback, link-local and unspecified addresses, in the one form in which they are read. */
function isOwnMachine(host: string): boolean {
  return /^(?:127\.|169\.254\.|0\.|\[::1?\]|\[fe[89ab]|\[::ffff:)/.test(host);
}
