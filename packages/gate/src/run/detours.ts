import type { Family } from './managers.ts';

/** A setting of a project's file that is stronger than the environment, and says where to connect. */
interface DetourSetting {
  readonly families: readonly Family[];
  readonly file: string;
  readonly setting: RegExp;
}

const PROXY = String.raw`(?:https?-?proxy|proxy|no-?proxy)`;
/** By escapes in quotes, or as what stands in for a variable that is not set. */
const HIDDEN_KEY = String.raw`(?![ \t"']*(?://|[;#]))[^=\n]*(?:\\|\$\{)[^=\n]*`;
const PROXY_KEY = new RegExp(`^${PROXY}$`, 'i');

/**
 * npm, pnpm up to 11 and bun go by the environment before an `.npmrc`; pnpm 12 does not, and no pnpm since 10 does before
 * its workspace file. Yarn's `networkSettings` are stronger than all variables, and so are flags in a `.yarnrc`.
 */
const DETOURS: readonly DetourSetting[] = [
  {
    families: ['pnpm'],
    file: '.npmrc',
    setting: new RegExp(String.raw`^(?:[ \t"']*${PROXY}[ \t"'\[\]]*|${HIDDEN_KEY})=.*$`, 'gim'),
  },
  {
    families: ['pnpm'],
    file: 'pnpm-workspace.yaml',
    setting: new RegExp(String.raw`^["']?${PROXY}["']?\s*:.*$`, 'gim'),
  },
  {
    families: ['yarn-classic'],
    file: '.yarnrc',
    setting: new RegExp(String.raw`^\s*(?:"?--\S*${PROXY}|"[^"\n]*\\).*$`, 'gim'),
  },
  // Within networkSettings, by host; at the top of the file a variable is stronger.
  {
    families: ['yarn-berry'],
    file: '.yarnrc.yml',
    setting: /^(?:\s+[^#\n]*|networkSettings[^#\n]*)\bhttps?Proxy\b.*$/gm,
  },
];

export const DETOUR_FILES: readonly string[] = [...new Set(DETOURS.map(({ file }) => file))];

/** Settings in a file of the project that would lead one of these package managers past the gate, as they are written. */
export function detoursIn(file: string, text: string, families: readonly Family[]): readonly string[] {
  const about = DETOURS.filter((each) => each.file === file && each.families.some((one) => families.includes(one)));
  return about.flatMap(({ setting }) => [...text.matchAll(setting)].map(([line]) => line.trim()));
}

/**
 * The same in a file of YAML, however it is written: in braces, indented, with escapes.
 * @param settings by key, nothing merged
 */
export function yamlDetoursIn(
  file: string,
  settings: ReadonlyMap<string, unknown>,
  families: readonly Family[],
): readonly string[] {
  if (file === 'pnpm-workspace.yaml' && families.includes('pnpm')) {
    // pnpm's reader merges what `<<` names.
    return [...settings.keys()].filter((key) => PROXY_KEY.test(key) || key === '<<');
  }
  const isYarns = file === '.yarnrc.yml' && families.includes('yarn-berry');
  return isYarns && holdsProxy(settings.get('networkSettings')) ? ['networkSettings with a proxy'] : [];
}

/** Anchors may lead in circles, and to the same thing more often than anybody could count. */
function holdsProxy(value: unknown): boolean {
  const seen = new Set([value]);
  // What is added to a set while it is walked is walked, too.
  for (const each of seen) {
    if (typeof each !== 'object' || each === null) continue;
    if (Object.keys(each).some((key) => /^https?Proxy$/.test(key))) return true;
    for (const inner of Object.values(each)) seen.add(inner);
  }
  return false;
}
