import { draftLayer, type ConfigLayer, type LayerSettings } from './layer.ts';
import { readSharedSetting } from './shared-settings.ts';
import { configError, countValue, registryUrl, type Environment, type Place } from './values.ts';

const LINE = /^(?:"([^"]+)"|([^\s":]+)):?\s+(?:"((?:[^"\\]|\\.)*)"|(\S.*))$/;

/** Registry settings of Yarn 1's .yarnrc: one `key value` a line. https://classic.yarnpkg.com/lang/en/docs/yarnrc/ */
export function yarnClassicLayer(file: string, text: string): ConfigLayer {
  const draft = draftLayer(file);
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = LINE.exec(line);
    const position = { line: index + 1, column: raw.search(/\S/) + 1 };
    if (match === null)
      throw configError({ file, key: `line ${index + 1}`, position }, 'is not a setting', 'key value');
    const key = match[1] ?? match[2] ?? '';
    const value = (match[3] ?? match[4] ?? '').trim();
    const place: Place = { file, key, position };
    if (key === 'registry') draft.registry = registryUrl(value, place, draft);
    else if (/^@[^/:]+:registry$/.test(key)) draft.scopes.set(key.slice(0, -9), registryUrl(value, place, draft));
    else draft.settings = { ...draft.settings, ...readSetting(key, value, place) };
  }
  return draft;
}

/** The same settings from `yarn_*` variables, as far as Yarn 1 reads registries from them. */
export function yarnClassicEnvironmentLayer(env: Environment): ConfigLayer {
  const draft = draftLayer('environment');
  const registry = env['YARN_REGISTRY'] ?? env['yarn_registry'];
  if (registry !== undefined && registry !== '') {
    draft.registry = registryUrl(registry, { file: 'environment', key: 'YARN_REGISTRY' }, draft);
  }
  return draft;
}

function readSetting(key: string, value: string, place: Place): LayerSettings {
  switch (key) {
    case 'network-timeout':
      return { timeoutMs: countValue(value, place) };
    case 'network-concurrency':
      return { concurrency: countValue(value, place) };
    default:
      return readSharedSetting(key, value, place) ?? {};
  }
}
