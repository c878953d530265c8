/** Where a finding or error code is explained; docs/findings.md and docs/errors.md hold the same text. */
export function helpUri(code: string): string {
  const page = code.startsWith('ERR_') ? 'errors' : 'findings';
  return `https://lockseal.dev/${page}#${code.toLowerCase()}`;
}
