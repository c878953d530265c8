import type { VerifyReport } from './verify.ts';

/**
 * The packages of a report as the canonical set sees them, in words: `name@version` (a local tarball has only its name
 * there), and `unpinned` where no digest is known.
 */
export function packageRows({ evidence }: VerifyReport): ReadonlySet<string> {
  const rows = evidence.filter(({ class: kind }) => kind === 'registry' || kind === 'file');
  return new Set(
    rows.map((row) => {
      const id = nameAndVersion(row.purl);
      const shown = row.class === 'file' ? id.replace(/(?<=.)@.*$/, '') : id;
      return row.sha512 === null || row.sha512 === undefined ? `${shown} unpinned` : shown;
    }),
  );
}

/** `pkg:npm/%40acme/core@2.0.1?repository_url=…` -> `@acme/core@2.0.1`. */
export function nameAndVersion(purl: string): string {
  return decodeURIComponent(purl.replace(/^pkg:npm\//, '').replace(/\?.*$/, ''));
}
