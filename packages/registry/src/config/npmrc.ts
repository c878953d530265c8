import { parse } from 'ini';
import type { Position } from '@lockseal/core';
import { basic, bearer, credentialKey } from './credentials.ts';
import { addCredentials, draftLayer, type ConfigLayer, type LayerDraft, type LayerSettings } from './layer.ts';
import { readSharedSetting } from './shared-settings.ts';
import {
  configError,
  countValue,
  listValue,
  registryUrl,
  unsetVariable,
  type Environment,
  type Place,
} from './values.ts';

/** Settings by npm's name, as text; lists (`ca[]=`) keep their items. */
export type NpmSettings = ReadonlyMap<string, readonly string[]>;

/**
 * The settings of an .npmrc text, read with npm's own parser and its rule for `${VAR}`, which holds in keys and
 * values alike: `${VAR}` of an unset variable stays as it stands, `${VAR?}` becomes empty, a backslash escapes.
 */
export function parseNpmrc(text: string, env: Environment): NpmSettings {
  const settings = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(parse(text))) {
    const items: unknown[] = Array.isArray(value) ? value : [value];
    // A section ([name]) is an object; npm knows none and ignores them.
    if (items.some((item) => typeof item === 'object' && item !== null)) continue;
    settings.set(
      replaceVariables(key, env),
      items.map((item) => replaceVariables(String(item), env)),
    );
  }
  return settings;
}

/** Settings from `npm_config_*` variables: lower case, `_` for `-`; keys that begin with `//` are left as they are. */
export function npmSettingsFromEnvironment(env: Environment, prefix = 'npm_config_'): NpmSettings {
  const settings = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || name.slice(0, prefix.length).toLowerCase() !== prefix) continue;
    const key = name.slice(prefix.length);
    settings.set(key.startsWith('//') ? key : key.replaceAll(/(?!^)_/g, '-').toLowerCase(), [
      replaceVariables(value, env),
    ]);
  }
  return settings;
}

const VARIABLE = /(?<!\\)(\\*)\$\{([^${}?]+)(\?)?\}/g;

/** https://github.com/npm/cli/blob/latest/workspaces/config/lib/env-replace.js */
export function replaceVariables(text: string, env: Environment): string {
  return text.replaceAll(VARIABLE, (whole, escapes: string, name: string, modifier: string | undefined) => {
    if (escapes.length % 2 === 1) return whole.slice((escapes.length + 1) / 2);
    const fallback = modifier === '?' ? '' : `\${${name}}`;
    return escapes.slice(escapes.length / 2) + (env[name] ?? fallback);
  });
}

/** @param text of the file, to find the line of a setting that is wrong */
export function npmLayer(source: string, settings: NpmSettings, text = ''): ConfigLayer {
  const draft = draftLayer(source);
  const secrets = new Map<string, Map<string, string>>();
  for (const [key, values] of settings) {
    const value = values.at(-1) ?? '';
    const place: Place = { file: source, key, position: positionOf(text, key) };
    if (key.startsWith('//')) collectSecret(secrets, key, value);
    else if (value === '' || value === 'null' || value === 'undefined') continue;
    else if (key === 'registry') draft.registry = registryUrl(value, place, draft);
    else if (isScopeKey(key)) draft.scopes.set(key.slice(0, -':registry'.length), registryUrl(value, place, draft));
    else if (TOP_LEVEL_SECRETS.has(key)) {
      draft.warnings.push(`${key} in ${source} is ignored, as by npm: it must name its registry (//host/:${key})`);
    } else draft.settings = { ...draft.settings, ...readSetting(key, values, place) };
  }
  for (const [prefix, parts] of secrets) addSecrets(draft, prefix, parts);
  return draft;
}

const TOP_LEVEL_SECRETS: ReadonlySet<string> = new Set(['_auth', '_authtoken', '_authToken', '_password', 'username']);

function isScopeKey(key: string): boolean {
  return /^@[^/:]+:registry$/.test(key);
}

function readSetting(key: string, values: readonly string[], place: Place): LayerSettings {
  const value = values.at(-1) ?? '';
  switch (key) {
    case 'ca':
      return { ca: values.map((pem) => pem.replaceAll('\\n', '\n')) };
    case 'noproxy':
    case 'no-proxy':
      return { noProxy: values.flatMap(listValue) };
    case 'fetch-retries':
      return { retries: countValue(value, place) };
    case 'fetch-retry-factor':
      return { retryFactor: countValue(value, place) };
    case 'fetch-retry-mintimeout':
      return { retryMinMs: countValue(value, place) };
    case 'fetch-retry-maxtimeout':
      return { retryMaxMs: countValue(value, place) };
    case 'fetch-timeout':
      return { timeoutMs: countValue(value, place) };
    case 'maxsockets':
      return { concurrency: countValue(value, place) };
    default:
      return readSharedSetting(key, value, place) ?? {};
  }
}

function collectSecret(secrets: Map<string, Map<string, string>>, key: string, value: string): void {
  const colon = key.lastIndexOf(':');
  const prefix = credentialKey(key.slice(0, colon));
  if (prefix === undefined || colon < 3) return;
  const parts = secrets.get(prefix) ?? new Map<string, string>();
  secrets.set(prefix, parts.set(key.slice(colon + 1), value));
}

/** In npm's order: a token before user and password before ready-made basic credentials. */
function addSecrets(draft: LayerDraft, prefix: string, parts: ReadonlyMap<string, string>): void {
  const usable = new Map([...parts].filter(([name, value]) => isUsable(name, value, prefix, draft)));
  const [token, user, password] = [usable.get('_authToken'), usable.get('username'), usable.get('_password')];
  const auth = usable.get('_auth');
  const [certfile, keyfile] = [usable.get('certfile'), usable.get('keyfile')];
  if (token !== undefined) addCredentials(draft, prefix, { authorization: bearer(token) });
  else if (user !== undefined && password !== undefined) {
    const plain = Buffer.from(password, 'base64').toString('utf8');
    addCredentials(draft, prefix, { authorization: basic(`${user}:${plain}`) });
  } else if (auth !== undefined) addCredentials(draft, prefix, { authorization: `Basic ${auth}` });
  if (certfile !== undefined && keyfile !== undefined) addCredentials(draft, prefix, { certfile, keyfile });
}

function isUsable(name: string, value: string, prefix: string, draft: LayerDraft): boolean {
  const unset = unsetVariable(value);
  if (unset !== undefined) {
    draft.warnings.push(`${prefix}:${name} in ${draft.source} is ignored: the environment does not set ${unset}`);
  } else if (/[\r\n\0]/.test(value)) {
    throw configError({ file: draft.source, key: `${prefix}:${name}` }, 'holds a line break or NUL');
  }
  return unset === undefined && value !== '';
}

function positionOf(text: string, key: string): Position | undefined {
  const lines = text.split(/\r?\n/);
  const line = lines.findLastIndex((candidate) => candidate.split('=')[0]?.trim().replace(/\[\]$/, '') === key);
  return line < 0 ? undefined : { line: line + 1, column: (lines[line] ?? '').search(/\S/) + 1 };
}
