/**
 * Libraries that stay dependencies of the published program: large, needed by few commands, and loaded by those alone.
 * Everything else is bundled, so that what runs at every start loads in few files, in the versions that were tested.
 */
const EXTERNAL: readonly string[] = [
  '@cyclonedx/cyclonedx-library',
  '@npmcli/run-script',
  '@sigstore/sign',
  '@sigstore/tuf',
  '@tufjs/models',
  '@yarnpkg/fslib',
  '@yarnpkg/libzip',
  'openid-client',
  'proper-lockfile',
  'tar',
];

export function isExternal(id: string): boolean {
  return EXTERNAL.includes(libraryOf(id));
}

/** `@scope/name` of `@scope/name/deep/file.js`. */
export function libraryOf(id: string): string {
  return id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');
}
