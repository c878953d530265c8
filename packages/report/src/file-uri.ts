/**
 * A path as a URI (RFC 3986): relative stays relative, absolute becomes `file:`. Every character that is not
 * unreserved is percent-encoded, so the path can end nothing that it is put into.
 */
export function fileUri(path: string): string {
  const encoded = path.toWellFormed().split('/').map(encode).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

function encode(segment: string): string {
  const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(segment).replace(/[!'()*]/g, escape);
}
