import { draftLayer, type ConfigLayer } from './layer.ts';
import { replaceVariables } from './npmrc.ts';
import { textAt, textsAt } from './tables.ts';
import { booleanValue, countValue, listValue, proxyUrl, registryUrl, type Environment } from './values.ts';
import { parseYamlTable } from './yaml.ts';

/** Registry settings of a pnpm-workspace.yaml. https://pnpm.io/settings */
export function pnpmWorkspaceLayer(file: string, text: string, env: Environment): ConfigLayer {
  const draft = draftLayer(file);
  const table = parseYamlTable(text, file);
  const url = (key: string, value: string): string => registryUrl(replaceVariables(value, env), { file, key }, draft);
  for (const [scope, value] of textsAt(table, 'registries', file)) {
    if (scope === 'default') draft.registry = url('registries.default', value);
    else draft.scopes.set(scope, url(`registries.${scope}`, value));
  }
  for (const [name, value] of textsAt(table, 'namedRegistries', file)) {
    draft.named.set(name, url(`namedRegistries.${name}`, value));
  }
  const at = (key: string): string | undefined => textAt(table, key, file);
  const registry = at('registry');
  if (registry !== undefined) draft.registry ??= url('registry', registry);
  const [strictSsl, httpProxy, httpsProxy, noProxy] = ['strictSsl', 'httpProxy', 'httpsProxy', 'noProxy'].map(at);
  const [retries, timeout] = ['fetchRetries', 'fetchTimeout'].map(at);
  draft.settings = {
    cafile: at('cafile'),
    strictSsl: strictSsl === undefined ? undefined : booleanValue(strictSsl, { file, key: 'strictSsl' }),
    httpProxy: httpProxy === undefined ? undefined : proxyUrl(httpProxy, { file, key: 'httpProxy' }),
    httpsProxy: httpsProxy === undefined ? undefined : proxyUrl(httpsProxy, { file, key: 'httpsProxy' }),
    noProxy: noProxy === undefined ? undefined : listValue(noProxy),
    retries: retries === undefined ? undefined : countValue(retries, { file, key: 'fetchRetries' }),
    timeoutMs: timeout === undefined ? undefined : countValue(timeout, { file, key: 'fetchTimeout' }),
  };
  return draft;
}
