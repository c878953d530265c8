// The package managers of the matrix. Each is one package of npm's registry, pinned by version and sha512, because
// the table in docs/managers.md is only as good as the knowledge of who made it.

/** Managers that share lockfile format, commands and configuration. */
export type Family = 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun' | 'deno' | 'vlt';

export interface PinnedPackage {
  readonly name: string;
  /** `sha512-…` of the tarball. */
  readonly integrity: string;
  /** Program inside the package. */
  readonly program: string;
}

export interface Manager {
  readonly id: string;
  readonly family: Family;
  readonly version: string;
  readonly major: number;
  /** JavaScript, which every Node that lockseal supports runs; or a program for each platform (`linux-x64`). */
  readonly runs:
    | { readonly on: 'node'; readonly package: PinnedPackage }
    | { readonly on: 'platform'; readonly packages: Readonly<Record<string, PinnedPackage>> };
  /** Set for its installs from the lockfile. */
  readonly env: Readonly<Record<string, string>>;
}

/** Skips that LOCKSEAL_CI puts up with: manager -> why it may be missing there. None is needed on linux-x64. */
export const ALLOWED_SKIPS: ReadonlyMap<string, string> = new Map();

const YARN_4 = {
  integrity: 'sha512-EH+A4TxAtBWXKE0DGQxW9Bo9crXHLJ73mfxjTQJuv8XonNWWTpei8BQ5JjczHJNU9GROTycwMFn8iOvRIZXUcA==',
  program: 'bin/yarn.js',
};

export const MANAGERS: readonly Manager[] = [
  onNode('npm', 'npm', '10.9.9', {
    integrity: 'sha512-1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==',
    program: 'bin/npm-cli.js',
  }),
  onNode('npm', 'npm', '11.21.2', {
    integrity: 'sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==',
    program: 'bin/npm-cli.js',
  }),
  onNode('npm', 'npm', '12.2.0', {
    integrity: 'sha512-ZsJjKpTnlmSXOLLXiU1xDCzC4Wlok4IwZmh/aw2KUuXytU7q6qMv/cUT7MoeSf95Slwuw/lRXYefGzGCspHPNQ==',
    program: 'bin/npm-cli.js',
  }),
  onNode('pnpm', 'pnpm', '9.15.9', {
    integrity: 'sha512-aARhQYk8ZvrQHAeSMRKOmvuJ74fiaR1p5NQO7iKJiClf1GghgbrlW1hBjDolO95lpQXsfF+UA+zlzDzTfc8lMQ==',
    program: 'bin/pnpm.cjs',
  }),
  onNode('pnpm', 'pnpm', '10.34.9', {
    integrity: 'sha512-9JtajqD97bRLs8DB1ldQkqU8KVDZW3rRXfEfF5dId6LeOgHAfpNOmyjOcW5RwJqUlixzBtCb4uHksYqMh2L9Mg==',
    program: 'bin/pnpm.cjs',
  }),
  onNode('pnpm', 'pnpm', '11.28.11', {
    integrity: 'sha512-dAGE0Q+B9dWxZb6IVg7numJAbEE0iWq8J6WAEJ7sL0fB5B2RJRyUTCyrq8scIkYXmeu3LeLsYlryAwsONsc1ow==',
    program: 'bin/pnpm.mjs',
  }),
  onPlatforms('pnpm', 'pnpm', '12.21.0', {
    'linux-x64': {
      name: '@pnpm/exe.linux-x64',
      integrity: 'sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==',
      program: 'pnpm',
    },
  }),
  onNode('yarn', 'yarn-classic', '1.22.22', {
    integrity: 'sha512-prL3kGtyG7o9Z9Sv8IPfBNrWTDmXB4Qbes8A9rEzt6wkJV8mUvoirjU0Mp3GGAU06Y0XQyA3/2/RQFVuK7MTfg==',
    program: 'bin/yarn.js',
  }),
  onNode('@yarnpkg/cli-dist', 'yarn-berry', '4.18.1', YARN_4),
  onNode('@yarnpkg/cli-dist', 'yarn-berry', '4.18.1', YARN_4, {
    mode: ' (hardened mode)',
    env: { YARN_ENABLE_HARDENED_MODE: 'true' },
  }),
  onPlatforms('bun', 'bun', '1.4.5', {
    'linux-x64': {
      name: '@oven/bun-linux-x64',
      integrity: 'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
      program: 'bin/bun',
    },
  }),
  onPlatforms('deno', 'deno', '2.9.6', {
    'linux-x64': {
      name: '@deno/linux-x64-glibc',
      integrity: 'sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==',
      program: 'deno',
    },
  }),
  onNode('vlt', 'vlt', '1.0.0-rc.23', {
    integrity: 'sha512-SZT4KJR54tYzZXnwjFw28u1nRsnJEWVJsXYAagePtfnuZYkVtXvuyOqbE4d+EYIKkocl3dgLAlVvE3xjoqCNqQ==',
    program: 'vlt.js',
  }),
];

function onNode(
  name: string,
  family: Family,
  version: string,
  { integrity, program }: { readonly integrity: string; readonly program: string },
  { mode = '', env = {} }: { readonly mode?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Manager {
  const id = `${name === '@yarnpkg/cli-dist' ? 'yarn' : name} ${version}${mode}`;
  const pinned = { name, integrity, program };
  return { id, family, version, major: Number.parseInt(version, 10), runs: { on: 'node', package: pinned }, env };
}

function onPlatforms(
  name: string,
  family: Family,
  version: string,
  packages: Readonly<Record<string, PinnedPackage>>,
): Manager {
  return {
    id: `${name} ${version}`,
    family,
    version,
    major: Number.parseInt(version, 10),
    runs: { on: 'platform', packages },
    env: {},
  };
}
