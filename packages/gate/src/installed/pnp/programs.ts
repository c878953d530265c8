/**
 * The programs around the map in `.pnp.cjs`: lower-case hex sha256 of the file without its map, by the version of Yarn
 * that writes it. Yarn is pinned by the project; these were made by the versions that the tests install.
 */
export const PNP_PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['6bfd9e3d966456d3b5e0cd4965133639ceee60e9c9f7614b159d6e056e68f97a', '4.18.1'],
]);
