import type { LayerSettings } from './layer.ts';
import { booleanValue, proxyUrl, type Place } from './values.ts';

/** The connection settings that .npmrc and Yarn 1's .yarnrc spell alike; undefined: the key is none of them. */
export function readSharedSetting(key: string, value: string, place: Place): LayerSettings | undefined {
  switch (key) {
    case 'cafile':
      return { cafile: value };
    case 'strict-ssl':
      return { strictSsl: booleanValue(value, place) };
    case 'proxy':
    case 'http-proxy':
      return value === 'false' ? {} : { httpProxy: proxyUrl(value, place) };
    case 'https-proxy':
      return value === 'false' ? {} : { httpsProxy: proxyUrl(value, place) };
    default:
      return undefined;
  }
}
