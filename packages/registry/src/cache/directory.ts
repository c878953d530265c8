import path from 'node:path';

/**
 * lockseal's cache folder: `LOCKSEAL_CACHE_DIR`, else the platform's convention (XDG_CACHE_HOME or ~/.cache;
 * ~/Library/Caches; %LOCALAPPDATA%).
 */
export function defaultCacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  platform: NodeJS.Platform,
): string {
  const own = env['LOCKSEAL_CACHE_DIR'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const xdg = env['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path is to be ignored.
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, 'lockseal');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'lockseal');
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'lockseal');
  return path.join(home, '.cache', 'lockseal');
}
