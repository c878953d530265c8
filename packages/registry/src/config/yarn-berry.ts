import { basic, bearer, credentialKey } from './credentials.ts';
import { addCredentials, draftLayer, type ConfigLayer, type LayerDraft } from './layer.ts';
import { tableAt, textAt, type Table } from './tables.ts';
import {
  booleanValue,
  configError,
  countValue,
  proxyUrl,
  registryUrl,
  type Environment,
  type Place,
} from './values.ts';
import { parseYamlTable } from './yaml.ts';

/** The registry that Yarn uses where nothing says otherwise; npm's public registry under Yarn's name. */
const YARN_DEFAULT = 'https://registry.yarnpkg.com/';

/** Registry settings of a .yarnrc.yml. https://yarnpkg.com/configuration/yarnrc */
export function yarnBerryLayer(file: string, text: string, env: Environment): ConfigLayer {
  return layerOf(file, new Map(parseYamlTable(text, file)), env);
}

/** The same settings from `YARN_*` variables. */
export function yarnBerryEnvironmentLayer(env: Environment): ConfigLayer {
  const table = new Map<string, unknown>();
  for (const key of SIMPLE_KEYS) {
    const name = `YARN_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    if (env[name] !== undefined && env[name] !== '') table.set(key, env[name]);
  }
  const draft = layerOf('environment', table, env);
  // A token in the environment is for the registry that the files name.
  const own = draft.registry === undefined ? draft.credentials.get(credentialKey(YARN_DEFAULT) ?? '') : undefined;
  if (own === undefined) return draft;
  draft.credentials.clear();
  draft.defaultAuthorization = own.authorization;
  return draft;
}

const SIMPLE_KEYS: readonly string[] = [
  'npmRegistryServer',
  'npmAuthToken',
  'npmAuthIdent',
  'httpProxy',
  'httpsProxy',
  'httpsCaFilePath',
  'enableStrictSsl',
  'httpTimeout',
  'httpRetry',
  'networkConcurrency',
];

function layerOf(file: string, table: Table, env: Environment): LayerDraft {
  const draft = draftLayer(file);
  const reader = new Reader(file, env, draft);
  const server = reader.text(table, 'npmRegistryServer');
  if (server !== undefined) draft.registry = registryUrl(server, { file, key: 'npmRegistryServer' }, draft);
  reader.credentials(table, draft.registry ?? YARN_DEFAULT);
  for (const [name, value] of tableAt(table.get('npmScopes'), { file, key: 'npmScopes' }) ?? []) {
    const scope = tableAt(value, { file, key: `npmScopes.${name}` }) ?? new Map();
    const url = reader.text(scope, 'npmRegistryServer');
    if (url === undefined) {
      if (scope.size > 0) draft.warnings.push(`npmScopes.${name} in ${file} is ignored: it names no registry`);
      continue;
    }
    const base = registryUrl(url, { file, key: `npmScopes.${name}.npmRegistryServer` }, draft);
    draft.scopes.set(`@${name}`, base);
    reader.credentials(scope, base);
  }
  for (const [url, value] of tableAt(table.get('npmRegistries'), { file, key: 'npmRegistries' }) ?? []) {
    const key = `npmRegistries.${url}`;
    reader.credentials(tableAt(value, { file, key }) ?? new Map(), replaceYarnVariables(url, env, { file, key }));
  }
  draft.settings = reader.settings(table);
  return draft;
}

class Reader {
  readonly #file: string;
  readonly #env: Environment;
  readonly #draft: LayerDraft;

  constructor(file: string, env: Environment, draft: LayerDraft) {
    this.#file = file;
    this.#env = env;
    this.#draft = draft;
  }

  text(table: Table, key: string): string | undefined {
    const text = textAt(table, key, this.#file);
    return text === undefined ? undefined : replaceYarnVariables(text, this.#env, { file: this.#file, key });
  }

  credentials(table: Table, url: string): void {
    const token = this.text(table, 'npmAuthToken');
    const ident = this.text(table, 'npmAuthIdent');
    const key = credentialKey(url);
    if (token !== undefined && token !== '') addCredentials(this.#draft, key, { authorization: bearer(token) });
    else if (ident !== undefined && ident !== '') {
      // Yarn takes `user:password` in plain text or ready-made base64.
      const authorization = ident.includes(':') ? basic(ident) : `Basic ${ident}`;
      addCredentials(this.#draft, key, { authorization });
    }
  }

  settings(table: Table): ConfigLayer['settings'] {
    const at = <T>(key: string, read: (text: string, place: Place) => T): T | undefined => {
      const text = this.text(table, key);
      return text === undefined || text === '' ? undefined : read(text, { file: this.#file, key });
    };
    return {
      cafile: this.text(table, 'httpsCaFilePath') ?? this.text(table, 'caFilePath'),
      strictSsl: at('enableStrictSsl', booleanValue),
      httpProxy: at('httpProxy', proxyUrl),
      httpsProxy: at('httpsProxy', proxyUrl),
      timeoutMs: at('httpTimeout', countValue),
      retries: at('httpRetry', countValue),
      concurrency: at('networkConcurrency', countValue),
    };
  }
}

const VARIABLE = /\\?\$\{(\w+)(?:(:)?-([^}]*))?\}/g;

/** `${VAR}`, `${VAR-default}` and `${VAR:-default}` as Yarn has them; an unset variable without default is an error. */
function replaceYarnVariables(text: string, env: Environment, place: Place): string {
  return text.replaceAll(VARIABLE, (whole, name: string, colon: string | undefined, fallback: string | undefined) => {
    if (whole.startsWith('\\')) return whole.slice(1);
    const value = env[name];
    if (value !== undefined && (value !== '' || colon === undefined)) return value;
    if (fallback !== undefined) return fallback;
    throw configError(place, `names \${${name}}, which the environment does not set`);
  });
}
