import type { Family } from './managers.ts';

/** A setting of a project's file that is stronger than the environment, and says where to connect. */
interface DetourSetting {
  readonly families: readonly Family[];
  readonly file: string;
  readonly setting: RegExp;
}

const PROXY = String.raw`(?:https?-?proxy|proxy|no-?proxy)`;

/**
 * npm, pnpm up to 11 and bun go by the environment before an `.npmrc`; pnpm 12 does not, and no pnpm since 10 does before
 * its workspace file. Yarn's `networkSettings` are stronger than all variables, and so are flags in a `.yarnrc`.
 */
const DETOURS: readonly DetourSetting[] = [
  { families: ['pnpm'], file: '.npmrc', setting: new RegExp(String.raw`^\s*${PROXY}\s*=.*$`, 'gim') },
  {
    families: ['pnpm'],
    file: 'pnpm-workspace.yaml',
    setting: new RegExp(String.raw`^["']?${PROXY}["']?\s*:.*$`, 'gim'),
  },
  { families: ['yarn-classic'], file: '.yarnrc', setting: new RegExp(String.raw`^\s*"?--\S*${PROXY}.*$`, 'gim') },
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
