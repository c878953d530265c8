import { parse, TomlError } from 'smol-toml';
import { LocksealError } from '@lockseal/core';
import { basic, bearer, credentialKey } from './credentials.ts';
import { addCredentials, draftLayer, type ConfigLayer, type LayerDraft } from './layer.ts';
import { tableAt, textAt, type Table } from './tables.ts';
import { registryUrl, type Environment } from './values.ts';

/** Registry settings of a bunfig.toml: `[install] registry`, `[install.scopes]`. https://bun.com/docs/runtime/bunfig */
export function bunfigLayer(file: string, text: string, env: Environment): ConfigLayer {
  const draft = draftLayer(file);
  const install = tableAt(parseToml(text, file).get('install'), { file, key: 'install' }) ?? new Map();
  const registry: unknown = install.get('registry');
  if (registry !== undefined) draft.registry = readRegistry(registry, 'install.registry', env, draft);
  for (const [scope, value] of tableAt(install.get('scopes'), { file, key: 'install.scopes' }) ?? []) {
    const url = readRegistry(value, `install.scopes.${scope}`, env, draft);
    draft.scopes.set(scope.startsWith('@') ? scope : `@${scope}`, url);
  }
  draft.settings = { cafile: textAt(install, 'cafile', file) };
  return draft;
}

/** The variables that bun takes its default registry and the token for it from. */
export function bunEnvironmentLayer(env: Environment): ConfigLayer {
  const draft = draftLayer('environment');
  const registry = env['BUN_CONFIG_REGISTRY'];
  if (registry !== undefined && registry !== '') {
    draft.registry = registryUrl(registry, { file: 'environment', key: 'BUN_CONFIG_REGISTRY' }, draft);
  }
  const token = env['BUN_CONFIG_TOKEN'];
  if (token !== undefined && token !== '') draft.defaultAuthorization = bearer(token);
  return draft;
}

function parseToml(text: string, file: string): Table {
  try {
    return new Map(Object.entries(parse(text)));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The error's own message quotes the file, which may hold secrets.
    const position = { line: error.line, column: error.column };
    throw new LocksealError('ERR_CONFIG', `${file} is not well-formed TOML`, { file, position });
  }
}

/** A URL, or a table of `url` with `token` or `username` and `password`. */
function readRegistry(value: unknown, key: string, env: Environment, draft: LayerDraft): string {
  const file = draft.source;
  const table = typeof value === 'string' ? new Map([['url', value]]) : (tableAt(value, { file, key }) ?? new Map());
  const at = (name: string): string | undefined => {
    const text = textAt(table, name, file);
    return text === undefined ? undefined : replaceBunVariables(text, env);
  };
  const url = registryUrl(at('url') ?? '', { file, key }, draft);
  const [token, user, password] = [at('token'), at('username'), at('password')];
  if (token !== undefined && token !== '') addCredentials(draft, credentialKey(url), { authorization: bearer(token) });
  else if (user !== undefined && password !== undefined) {
    addCredentials(draft, credentialKey(url), { authorization: basic(`${user}:${password}`) });
  }
  return url;
}

/** `$VAR` and `${VAR}`; unset is empty. */
function replaceBunVariables(text: string, env: Environment): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => {
    return env[braced ?? bare ?? ''] ?? '';
  });
}
