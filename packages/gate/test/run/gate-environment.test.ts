import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gateEnvironment } from '../../src/run/gate-environment.ts';
import { FAMILIES } from '../../src/run/managers.ts';

const proxyUrl = 'http://lockseal:t0ken@127.0.0.1:1';
const access = {
  proxyUrl,
  authority: '/run/authority.pem',
  extraAuthorities: '/run/extra.pem',
  allAuthorities: '/run/all.pem',
};
const places = {
  home: '/run/home',
  npmrc: '/run/home/.npmrc',
  globalNpmrc: '/run/global',
  pnpmStore: '/home/store',
  yarnGlobal: '/home/.yarn/berry',
  yarnGuard: '/run/yarn-guard.cjs',
};

/** Settings of Yarn 2 and later that there may be variables for: it refuses to start with any other. */
const BERRY = [
  'YARN_HTTP_PROXY',
  'YARN_HTTPS_PROXY',
  'YARN_HTTPS_CA_FILE_PATH',
  'YARN_ENABLE_SCRIPTS',
  'YARN_ENABLE_IMMUTABLE_INSTALLS',
  'YARN_ENABLE_TELEMETRY',
  'YARN_GLOBAL_FOLDER',
  'YARN_PLUGINS',
];

describe('the environment behind the gate', () => {
  for (const families of [...FAMILIES.map((family) => [family] as const), FAMILIES]) {
    const env = gateEnvironment(access, places, families);

    test(`${families.join(', ')}: every proxy is the gate`, () => {
      const proxies = Object.entries(env).filter(
        ([name]) => /(?<!no)_?proxy$/i.test(name) && !/no_?proxy$/i.test(name),
      );
      assert.ok(proxies.length >= 6);
      for (const [name, value] of proxies) assert.equal(value, proxyUrl, name);
    });

    test(`${families.join(', ')}: no host goes past it`, () => {
      const exceptions = Object.entries(env).filter(([name]) => /no_?proxy$/i.test(name));
      assert.ok(exceptions.length > 0);
      // npm takes an empty variable for none, and asks the project's file.
      for (const [name, value] of exceptions) assert.match(value, /\.invalid$/, name);
    });

    test(`${families.join(', ')}: scripts are off, and Yarn Berry knows every variable that is meant for a Yarn`, () => {
      assert.equal(env['npm_config_ignore_scripts'], 'true');
      const unknown = Object.keys(env).filter((name) => /^yarn_/i.test(name) && !BERRY.includes(name));
      // For Yarn 1 alone: which Yarn it is was asked before.
      assert.deepEqual(unknown, families.length === 1 && families[0] === 'yarn-classic' ? ['yarn_ignore_scripts'] : []);
    });
  }

  test('npm, alone, gets a shell that runs nothing: it prepares git dependencies whatever it is told', () => {
    assert.match(gateEnvironment(access, places, ['npm'])['npm_config_script_shell'] ?? '', /^\/.*(?:true|no\/shell)$/);
    // Else the `.npmrc` of a git dependency would name what runs.
    const { npm_config_git: git, npm_config_node_options: options } = gateEnvironment(access, places, ['npm']);
    assert.deepEqual([git, options], ['git', '--no-deprecation']);
    // A command of one's own may be there to run scripts of the project.
    for (const families of [undefined, ['pnpm'] as const]) {
      assert.equal(gateEnvironment(access, places, families)['npm_config_script_shell'], undefined);
    }
  });

  test('Yarn Berry, alone, loads what keeps it from running anything of git dependencies, by npm neither', () => {
    const env = gateEnvironment(access, places, ['yarn-berry']);
    assert.equal(env['YARN_PLUGINS'], '/run/yarn-guard.cjs');
    assert.match(env['npm_config_script_shell'] ?? '', /^\/.*(?:true|no\/shell)$/);
    assert.equal(env['npm_config_git'], 'git');
    for (const families of [undefined, ['npm'] as const]) {
      assert.equal(gateEnvironment(access, places, families)['YARN_PLUGINS'], undefined);
    }
  });

  test('one manager is told of one manager only', () => {
    const names = Object.keys(gateEnvironment(access, places, ['npm']));
    assert.deepEqual(
      names.filter((name) => /^(?:yarn|pnpm|bun)_/i.test(name)),
      [],
    );
  });

  test('a store that the user names is left alone', () => {
    const env = gateEnvironment(access, { ...places, pnpmStore: undefined }, ['pnpm']);
    assert.ok(!Object.keys(env).some((name) => name.endsWith('store_dir')));
    const berry = gateEnvironment(access, { ...places, yarnGlobal: undefined }, ['yarn-berry']);
    assert.equal(berry['YARN_GLOBAL_FOLDER'], undefined);
    assert.equal(gateEnvironment(access, places, ['yarn-berry'])['YARN_GLOBAL_FOLDER'], '/home/.yarn/berry');
  });
});

for (const family of ['npm', 'pnpm', 'yarn-classic'] as const) {
  test(`${family} reads the gate's own authority alone, which it does for each request through a proxy`, () => {
    assert.equal(gateEnvironment(access, places, [family])['npm_config_cafile'], access.authority);
  });
}
