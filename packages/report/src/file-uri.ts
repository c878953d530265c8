/** No file has a longer path on any system; a longer text is a trick, and would be repeated with every finding. */
const MAX_PATH = 4096;

/**
 * A path as a URI (RFC 3986): relative stays relative, absolute becomes `file:`. Every character that is not
 * unreserved is percent-encoded, so the path can end nothing that it is put into.
 */
export function fileUri(path: string): string {
  const encoded = path.slice(0, MAX_PATH).toWellFormed().split('/').map(encode).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

function encode(segment: string): string {
  const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(segment).replace(/[!'()*]/g, escape);
}
