import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * lockseal's cache folder: `LOCKSEAL_CACHE_DIR`, else the platform's convention (XDG_CACHE_HOME or ~/.cache;
 * ~/Library/Caches; %LOCALAPPDATA%).
 */
export function defaultCacheDirectory(env: Environment, home: string, platform: NodeJS.Platform): string {
  const own = env['LOCKSEAL_CACHE_DIR'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const xdg = absoluteOf(env['XDG_CACHE_HOME']);
  if (xdg !== undefined) return path.join(xdg, 'lockseal');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'lockseal');
  if (platform === 'win32') return path.join(localAppData(env, home), 'lockseal');
  return path.join(home, '.cache', 'lockseal');
}

/**
 * Where lockseal keeps what it must be able to believe: the key that seals the cache, and what TUF has told. Never
 * inside the cache, which builds save and restore. `LOCKSEAL_STATE_DIR`, else the platform's convention
 * (XDG_STATE_HOME or ~/.local/state; ~/Library/Application Support; %LOCALAPPDATA%).
 */
export function defaultStateDirectory(env: Environment, home: string, platform: NodeJS.Platform): string {
  const own = env['LOCKSEAL_STATE_DIR'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const xdg = absoluteOf(env['XDG_STATE_HOME']);
  if (xdg !== undefined) return path.join(xdg, 'lockseal');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'lockseal');
  if (platform === 'win32') return path.join(localAppData(env, home), 'lockseal-state');
  return path.join(home, '.local', 'state', 'lockseal');
}

/** The XDG specification says that a relative path is to be ignored. */
function absoluteOf(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}

function localAppData(env: Environment, home: string): string {
  return env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local');
}
