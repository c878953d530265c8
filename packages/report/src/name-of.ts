import type { Evidence } from '@lockseal/core';
import { sanitize } from './sanitize.ts';

const NPM = /^pkg:npm\/([^?#]+)/;

/** `name@version` of the artifact that an entry installs, or its package URL where that is no npm package; sanitized. */
export function nameOf({ purl }: Pick<Evidence, 'purl'>): string {
  const encoded = NPM.exec(purl)?.[1];
  return sanitize(encoded === undefined ? purl : decode(encoded));
}

/** A purl that core made always decodes; one from elsewhere may hold a lone `%`. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
