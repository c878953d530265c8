import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError, type LockfileFormat } from '@lockseal/core';
import type { RegistryConfig } from '../../src/config/config.ts';
import { loadRegistryConfig, type RegistryFlags } from '../../src/config/load.ts';
import { tempDir } from '../support/config.ts';

interface World {
  /** Path below the temporary folder -> text; `project/` holds the lockfile, `home/` is the user's. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: RegistryFlags;
  readonly format?: LockfileFormat;
  readonly useProjectFiles?: boolean;
}

async function load(t: TestContext, { files = {}, ...world }: World): Promise<RegistryConfig> {
  const root = tempDir(t);
  for (const folder of ['project', 'home']) mkdirSync(path.join(root, folder));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return loadRegistryConfig({
    directory: path.join(root, 'project'),
    home: path.join(root, 'home'),
    env: {},
    execPath: path.join(root, 'prefix/bin/node'),
    platform: 'linux',
    ...world,
  });
}

const npmrc = (host: string): string => `registry=https://${host}/`;
const ALL_NPM = {
  'project/.npmrc': npmrc('project.test'),
  'home/.npmrc': npmrc('user.test'),
  'prefix/etc/npmrc': npmrc('global.test'),
  'prefix/lib/node_modules/npm/npmrc': npmrc('builtin.test'),
};
const without = (...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(ALL_NPM).filter(([name]) => !names.includes(name)));
const YARNRC_YML = (host: string): string => `npmRegistryServer: "https://${host}"\n`;

describe('which source decides the default registry', () => {
  const cases: readonly (readonly [what: string, host: string, world: World])[] = [
    ['nothing is configured', 'registry.npmjs.org', {}],
    [
      'a flag, before all',
      'flag.test',
      { files: ALL_NPM, env: { npm_config_registry: 'https://env.test' }, flags: { registry: 'https://flag.test' } },
    ],
    ['the environment, before files', 'env.test', { files: ALL_NPM, env: { npm_config_registry: 'https://env.test' } }],
    [
      'the environment in capitals, as npm reads it',
      'env.test',
      { files: ALL_NPM, env: { NPM_CONFIG_REGISTRY: 'https://env.test' } },
    ],
    ['an empty variable does not count', 'project.test', { files: ALL_NPM, env: { npm_config_registry: '' } }],
    ['the project, before the user', 'project.test', { files: ALL_NPM }],
    ['the project, unless it has no say', 'user.test', { files: ALL_NPM, useProjectFiles: false }],
    ['the user, before the global file', 'user.test', { files: without('project/.npmrc') }],
    ['the global file, before npm itself', 'global.test', { files: without('project/.npmrc', 'home/.npmrc') }],
    [
      'the file that npm carries',
      'builtin.test',
      { files: without('project/.npmrc', 'home/.npmrc', 'prefix/etc/npmrc') },
    ],
    [
      'variables are replaced',
      'from-env.test',
      { files: { 'project/.npmrc': 'registry=https://${HOST}/' }, env: { HOST: 'from-env.test' } },
    ],
    [
      'an optional variable may be unset',
      'a.test',
      { files: { 'project/.npmrc': 'registry=https://a${NOPE?}.test/' } },
    ],
    [
      'the last of two lines counts',
      'b.test',
      { files: { 'project/.npmrc': `${npmrc('a.test')}\n${npmrc('b.test')}` } },
    ],
    ['deno and vlt as npm', 'project.test', { files: ALL_NPM, format: 'deno' }],
    [
      'pnpm: its own variables first',
      'pnpm-env.test',
      {
        format: 'pnpm',
        files: ALL_NPM,
        env: { pnpm_config_registry: 'https://pnpm-env.test', npm_config_registry: 'https://env.test' },
      },
    ],
    [
      'pnpm: the workspace file before .npmrc',
      'workspace.test',
      {
        format: 'pnpm',
        files: { ...ALL_NPM, 'project/pnpm-workspace.yaml': 'registries:\n  default: https://workspace.test/\n' },
      },
    ],
    [
      'pnpm: registry in the workspace file',
      'workspace.test',
      { format: 'pnpm', files: { ...ALL_NPM, 'project/pnpm-workspace.yaml': 'registry: https://workspace.test/\n' } },
    ],
    [
      'pnpm: its rc before the global file',
      'rc.test',
      {
        format: 'pnpm',
        files: { ...without('project/.npmrc', 'home/.npmrc'), 'home/.config/pnpm/rc': npmrc('rc.test') },
      },
    ],
    [
      'npm does not read the workspace file',
      'user.test',
      { files: { ...without('project/.npmrc'), 'project/pnpm-workspace.yaml': 'registry: https://workspace.test/\n' } },
    ],
    [
      'yarn 1: .yarnrc before .npmrc',
      'yarnrc.test',
      { format: 'yarn-classic', files: { ...ALL_NPM, 'project/.yarnrc': '# c\nregistry "https://yarnrc.test/"\n' } },
    ],
    [
      'yarn 1: .npmrc where .yarnrc says nothing',
      'project.test',
      { format: 'yarn-classic', files: { ...ALL_NPM, 'project/.yarnrc': 'network-timeout 1000\n' } },
    ],
    [
      'yarn 1: its name for the public registry',
      'registry.npmjs.org',
      { format: 'yarn-classic', files: { 'project/.yarnrc': 'registry "https://registry.yarnpkg.com/"\n' } },
    ],
    [
      'yarn berry never reads .npmrc',
      'registry.npmjs.org',
      { format: 'yarn-berry', files: ALL_NPM, env: { npm_config_registry: 'https://env.test' } },
    ],
    [
      'yarn berry: nearest file',
      'near.test',
      {
        format: 'yarn-berry',
        files: {
          'project/.yarnrc.yml': YARNRC_YML('near.test'),
          '.yarnrc.yml': YARNRC_YML('far.test'),
          'home/.yarnrc.yml': YARNRC_YML('home.test'),
        },
      },
    ],
    [
      'yarn berry: a parent before the user',
      'far.test',
      {
        format: 'yarn-berry',
        files: { '.yarnrc.yml': YARNRC_YML('far.test'), 'home/.yarnrc.yml': YARNRC_YML('home.test') },
      },
    ],
    [
      'yarn berry: the user',
      'home.test',
      { format: 'yarn-berry', files: { 'home/.yarnrc.yml': YARNRC_YML('home.test') } },
    ],
    [
      'yarn berry: environment before files',
      'env.test',
      {
        format: 'yarn-berry',
        files: { 'project/.yarnrc.yml': YARNRC_YML('near.test') },
        env: { YARN_NPM_REGISTRY_SERVER: 'https://env.test' },
      },
    ],
    [
      'yarn berry: a default in a variable',
      'fallback.test',
      { format: 'yarn-berry', files: { 'project/.yarnrc.yml': YARNRC_YML('${NOPE:-fallback.test}') } },
    ],
    [
      'bun: bunfig before .npmrc',
      'bunfig.test',
      { format: 'bun', files: { ...ALL_NPM, 'project/bunfig.toml': '[install]\nregistry = "https://bunfig.test"\n' } },
    ],
    [
      'bun: a table',
      'bunfig.test',
      {
        format: 'bun',
        files: { 'project/bunfig.toml': '[install]\nregistry = { url = "https://bunfig.test", token = "$T" }\n' },
      },
    ],
    [
      'bun: environment',
      'env.test',
      { format: 'bun', files: ALL_NPM, env: { BUN_CONFIG_REGISTRY: 'https://env.test' } },
    ],
  ];
  for (const [what, host, world] of cases) {
    test(`${what}: ${host}`, async (t) => {
      const { map } = await load(t, world);
      assert.equal(map.default, `https://${host}/`);
    });
  }

  test('a prefix that the user set moves the global file', async (t) => {
    const root = tempDir(t);
    mkdirSync(path.join(root, 'moved/etc'), { recursive: true });
    writeFileSync(path.join(root, '.npmrc'), `prefix=${path.join(root, 'moved')}`);
    writeFileSync(path.join(root, 'moved/etc/npmrc'), npmrc('moved.test'));
    const { map } = await loadRegistryConfig({
      directory: path.join(root, 'p'),
      home: root,
      env: {},
      execPath: '/nowhere/bin/node',
    });
    assert.equal(map.default, 'https://moved.test/');
  });
});

describe('scopes, named registries and mirrors', () => {
  test('npm', async (t) => {
    const { map, sources } = await load(t, {
      files: {
        'project/.npmrc': '@a:registry=https://a.test/npm',
        'home/.npmrc': '@a:registry=https://x.test\n@b:registry=https://b.test',
      },
      flags: { mirrors: ['https://mirror.test/x'] },
    });
    assert.deepEqual(Object.fromEntries(map.scopes), { '@a': 'https://a.test/npm/', '@b': 'https://b.test/' });
    assert.deepEqual(map.mirrors, ['https://mirror.test/x/']);
    assert.deepEqual(
      sources.map((source) => path.basename(source)),
      ['command line', '.npmrc', '.npmrc'],
    );
  });

  test('pnpm', async (t) => {
    const text = "registries:\n  '@a': https://a.test/\nnamedRegistries:\n  work: https://work.test/npm/\n";
    const { map } = await load(t, { format: 'pnpm', files: { 'project/pnpm-workspace.yaml': text } });
    assert.deepEqual([...map.scopes], [['@a', 'https://a.test/']]);
    assert.deepEqual([...map.named], [['work', 'https://work.test/npm/']]);
  });

  test('yarn berry', async (t) => {
    const text = 'npmScopes:\n  a:\n    npmRegistryServer: https://a.test\n    npmAuthToken: ${TOKEN}\n';
    const config = await load(t, { format: 'yarn-berry', env: { TOKEN: 't' }, files: { 'project/.yarnrc.yml': text } });
    assert.deepEqual([...config.map.scopes], [['@a', 'https://a.test/']]);
    assert.equal(config.credentialsFor('https://a.test/@a%2fx')?.authorization(), 'Bearer t');
  });

  test('yarn 1 and bun', async (t) => {
    const yarn = await load(t, {
      format: 'yarn-classic',
      files: { 'project/.yarnrc': '"@a:registry" "https://a.test/"\n' },
    });
    assert.deepEqual([...yarn.map.scopes], [['@a', 'https://a.test/']]);
    const text =
      '[install.scopes]\na = "https://a.test"\n"@b" = { url = "https://b.test", username = "u", password = "$P" }\n';
    const bun = await load(t, { format: 'bun', env: { P: 'p' }, files: { 'project/bunfig.toml': text } });
    assert.deepEqual(
      [...bun.map.scopes],
      [
        ['@a', 'https://a.test/'],
        ['@b', 'https://b.test/'],
      ],
    );
    assert.equal(bun.credentialsFor('https://b.test/x')?.authorization(), `Basic ${btoa('u:p')}`);
  });

  for (const [url, expected] of [
    ['https://a.test/x', true],
    ['https://a.test:444/x', false],
    ['http://a.test/x', false],
    ['https://sub.a.test/x', false],
    ['https://mirror.test/', true],
    ['https://registry.npmjs.org/x', true],
    ['https://registry.yarnpkg.com/x', true],
    ['ftp://a.test/x', false],
  ] as const) {
    test(`${url} ${expected ? 'may' : 'must not'} be contacted`, async (t) => {
      const config = await load(t, {
        files: { 'project/.npmrc': '@a:registry=https://a.test/' },
        flags: { mirrors: ['https://mirror.test'] },
      });
      assert.equal(config.allows(new URL(url)), expected);
    });
  }

  test('the public registry is not contacted where another is configured', async (t) => {
    const config = await load(t, { files: { 'project/.npmrc': npmrc('a.test') } });
    assert.equal(config.allows(new URL('https://registry.npmjs.org/x')), false);
  });
});

describe('credentials', () => {
  const cases: readonly (readonly [what: string, text: string, url: string, expected: string | undefined])[] = [
    ['a token', '//a.test/:_authToken=t', 'https://a.test/x', 'Bearer t'],
    ['without the slash', '//a.test:_authToken=t', 'https://a.test/x', 'Bearer t'],
    ['basic, ready-made', '//a.test/:_auth=dTpw', 'https://a.test/x', 'Basic dTpw'],
    [
      'user and password',
      `//a.test/:username=u\n//a.test/:_password=${btoa('p')}`,
      'https://a.test/x',
      `Basic ${btoa('u:p')}`,
    ],
    [
      'a token before a password',
      `//a.test/:username=u\n//a.test/:_password=${btoa('p')}\n//a.test/:_authToken=t`,
      'https://a.test/x',
      'Bearer t',
    ],
    ['a user alone is nothing', '//a.test/:username=u', 'https://a.test/x', undefined],
    ['from the environment', '//a.test/:_authToken=${TOKEN}', 'https://a.test/x', 'Bearer from-env'],
    [
      'an unset variable is nothing, where npm would send its name',
      '//a.test/:_authToken=${UNSET}',
      'https://a.test/x',
      undefined,
    ],
    ['the longest prefix', '//a.test/:_authToken=t\n//a.test/p/:_authToken=p', 'https://a.test/p/x', 'Bearer p'],
    ['another port', '//a.test:8443/:_authToken=t', 'https://a.test/x', undefined],
    ['a path beside', '//a.test/p/:_authToken=p', 'https://a.test/pp/x', undefined],
    ['a host that nothing configures', '//b.test/:_authToken=t', 'https://b.test/x', undefined],
    ['in the URL of the registry', 'registry=https://u:p@a.test/', 'https://a.test/x', `Basic ${btoa('u:p')}`],
    ['without a registry to belong to, as npm since version 9', '_authToken=t', 'https://a.test/x', undefined],
  ];
  for (const [what, text, url, expected] of cases) {
    test(what, async (t) => {
      const registry = text.includes('registry=') ? '' : `${npmrc('a.test')}\n`;
      const config = await load(t, { env: { TOKEN: 'from-env' }, files: { 'project/.npmrc': `${registry}${text}` } });
      assert.equal(config.credentialsFor(url)?.authorization(), expected);
    });
  }

  test('an ignored credential is told, without its value', async (t) => {
    const { warnings } = await load(t, {
      files: { 'project/.npmrc': '//a.test/:_authToken=${UNSET}\n_auth=c2VjcmV0' },
    });
    assert.equal(warnings.length, 2);
    assert.match(warnings.join('\n'), /does not set \$\{UNSET\}/);
    assert.doesNotMatch(warnings.join('\n'), /c2VjcmV0/);
  });

  test('from variables that are named like npm names them', async (t) => {
    const env = { npm_config_registry: 'https://a.test/', 'npm_config_//a.test/:_authToken': 'T' };
    assert.equal((await load(t, { env })).credentialsFor('https://a.test/x')?.authorization(), 'Bearer T');
  });

  test('a stronger file wins', async (t) => {
    const files = {
      'project/.npmrc': '//a.test/:_authToken=project',
      'home/.npmrc': '@a:registry=https://a.test\n//a.test/:_authToken=user',
    };
    assert.equal((await load(t, { files })).credentialsFor('https://a.test/x')?.authorization(), 'Bearer project');
  });

  test('yarn berry by registry', async (t) => {
    const text = 'npmRegistryServer: https://a.test\nnpmRegistries:\n  "//a.test":\n    npmAuthIdent: "u:p"\n';
    const config = await load(t, { format: 'yarn-berry', files: { 'project/.yarnrc.yml': text } });
    assert.equal(config.credentialsFor('https://a.test/x')?.authorization(), `Basic ${btoa('u:p')}`);
  });

  for (const [format, env] of [
    ['yarn-berry', { YARN_NPM_AUTH_TOKEN: 't' }],
    ['yarn-berry', { YARN_NPM_AUTH_TOKEN: 't', YARN_NPM_REGISTRY_SERVER: 'https://a.test' }],
    ['bun', { BUN_CONFIG_TOKEN: 't' }],
  ] as const) {
    test(`${Object.keys(env).join()} is for the default registry of ${format}, whichever that is`, async (t) => {
      const files = {
        'project/.yarnrc.yml':
          'npmRegistryServer: https://a.test\nnpmScopes: { s: { npmRegistryServer: "https://s.test" } }',
        'project/.npmrc': `${npmrc('a.test')}\n@s:registry=https://s.test/`,
      };
      const config = await load(t, { format, env, files });
      assert.equal(config.credentialsFor('https://a.test/x')?.authorization(), 'Bearer t');
      assert.equal(config.credentialsFor('https://s.test/x'), undefined);
    });
  }

  test('a token in the user file of yarn is not for a registry that the project names', async (t) => {
    const files = { 'project/.yarnrc.yml': 'npmRegistryServer: https://a.test', 'home/.yarnrc.yml': 'npmAuthToken: t' };
    const config = await load(t, { format: 'yarn-berry', files });
    assert.equal(config.credentialsFor('https://a.test/x'), undefined);
  });

  test('a client certificate', async (t) => {
    const files = {
      'home/.npmrc': '@a:registry=https://a.test/\n//a.test/:certfile=c.pem\n//a.test/:keyfile=k.pem',
      'home/c.pem': 'CERT',
      'home/k.pem': 'KEY',
    };
    assert.deepEqual((await load(t, { files })).credentialsFor('https://a.test/x')?.certificate(), {
      cert: 'CERT',
      key: 'KEY',
    });
  });

  test('are shown by no print and no serialisation', async (t) => {
    const text = `${npmrc('a.test')}\n//a.test/:_authToken=s3cret\nhttps-proxy=http://u:s3cret@proxy.test\n//a.test/:certfile=c.pem\n//a.test/:keyfile=k.pem`;
    const files = { 'home/.npmrc': text, 'home/c.pem': 's3cret', 'home/k.pem': 's3cret' };
    const config = await load(t, { files });
    const credentials = config.credentialsFor('https://a.test/x');
    const shown = [config, credentials].map(
      (value) => `${JSON.stringify(value)}${inspect(value, { depth: 9, showHidden: true })}`,
    );
    assert.doesNotMatch(shown.join(), /s3cret/);
    assert.equal(credentials?.authorization(), 'Bearer s3cret');
  });
});

describe('network settings', () => {
  test('npm', async (t) => {
    const text =
      'fetch-retries=4\nfetch-retry-factor=3\nfetch-retry-mintimeout=7\nfetch-retry-maxtimeout=8\nfetch-timeout=9\nmaxsockets=5\nstrict-ssl=false\nca[]=A\\nB\nca[]=C\n';
    const { network, tls, warnings } = await load(t, { files: { 'project/.npmrc': text } });
    assert.deepEqual(network, {
      retries: 4,
      retryFactor: 3,
      retryMinMs: 7,
      retryMaxMs: 8,
      timeoutMs: 9,
      concurrency: 5,
    });
    assert.deepEqual(tls, { strict: false, ca: ['A\nB', 'C'] });
    assert.match(warnings.join(), /strict-ssl=false/);
  });

  test('cafile is read from beside the file that names it', async (t) => {
    const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
    const files = { 'home/.npmrc': 'cafile=ca.pem', 'home/ca.pem': `# two\n${pem('A')}\n${pem('B')}\n` };
    const { tls } = await load(t, { files });
    assert.equal(tls.ca.length, 2);
  });

  const URLS = ['https://a.test/x', 'http://a.test/x', 'https://sub.b.test/x', 'https://notb.test/x'];
  for (const [what, world, expected] of [
    ['none', {}, [undefined, undefined, undefined, undefined]],
    [
      'variables',
      { env: { HTTPS_PROXY: 'http://s.test', http_proxy: 'http://p.test', NO_PROXY: 'b.test' } },
      ['http://s.test/', 'http://p.test/', undefined, 'http://s.test/'],
    ],
    [
      'npm, one for both',
      { files: { 'project/.npmrc': 'proxy=http://p.test:81\nnoproxy=a.test' } },
      [undefined, undefined, 'http://p.test:81/', 'http://p.test:81/'],
    ],
    [
      'files before variables',
      { env: { HTTPS_PROXY: 'http://s.test' }, files: { 'project/.npmrc': 'https-proxy=http://p.test' } },
      ['http://p.test/', 'http://p.test/', 'http://p.test/', 'http://p.test/'],
    ],
    [
      'noproxy=*',
      { env: { HTTPS_PROXY: 'http://s.test', NO_PROXY: '*' } },
      [undefined, undefined, undefined, undefined],
    ],
  ] as const) {
    test(`proxy: ${what}`, async (t) => {
      const config = await load(t, world);
      assert.deepEqual(
        URLS.map((url) => config.proxyFor(new URL(url))),
        expected,
      );
    });
  }
});

describe('what is wrong stops the run, with file and place', () => {
  const cases: readonly (readonly [
    what: string,
    name: string,
    text: string | Uint8Array,
    format: LockfileFormat,
    message: RegExp,
    line?: number,
  ])[] = [
    [
      'a registry that is no URL, which npm drops for the public one',
      '.npmrc',
      'a=b\nregistry=not a url',
      'npm',
      /registry in .*\.npmrc is not the URL/,
      2,
    ],
    ['a registry of another scheme', '.npmrc', 'registry=file:///x', 'npm', /is not the URL of a registry/, 1],
    ['a registry with a query', '.npmrc', 'registry=https://a.test/?s3cret', 'npm', /query/, 1],
    [
      'an unset variable in a registry',
      '.npmrc',
      '@a:registry=https://${S}/',
      'npm',
      /\$\{S\}, which the environment does not set/,
      1,
    ],
    ['a truth that is none', '.npmrc', 'strict-ssl=maybe', 'npm', /neither true nor false/, 1],
    ['a number that is none', '.npmrc', 'fetch-retries=-1', 'npm', /whole number/, 1],
    [
      'a SOCKS proxy, which we cannot speak to',
      '.npmrc',
      'https-proxy=socks5://u:s3cret@p.test',
      'npm',
      /HTTP proxy/,
      1,
    ],
    ['a file that is not there', '.npmrc', 'cafile=nope.pem', 'npm', /not there/],
    ['bytes that are no text', '.npmrc', Buffer.from([0x72, 0xff]), 'npm', /not UTF-8/],
    ['NUL', '.npmrc', 'a=\0', 'npm', /not UTF-8/],
    ['a token of two lines', '.yarnrc.yml', 'npmAuthToken: [s3cret]', 'yarn-berry', /not text/],
    ['broken YAML', '.yarnrc.yml', 'npmAuthToken: s3cret\n  bad: [', 'yarn-berry', /not well-formed YAML/, 2],
    [
      'a duplicate key',
      '.yarnrc.yml',
      'npmAuthToken: s3cret\nnpmAuthToken: s3cret',
      'yarn-berry',
      /duplicated mapping key/,
      2,
    ],
    ['a list for a table', '.yarnrc.yml', 'npmScopes: []', 'yarn-berry', /not a table/],
    ['an unset variable, as Yarn has it', '.yarnrc.yml', 'npmAuthToken: ${S}', 'yarn-berry', /does not set/],
    ['a line that is no setting', '.yarnrc', 'registry\n', 'yarn-classic', /line 1/, 1],
    ['broken TOML', 'bunfig.toml', '[install]\nregistry = "s3cret', 'bun', /not well-formed TOML/, 2],
    ['a registry that is no URL', 'bunfig.toml', '[install]\nregistry = "nope"', 'bun', /not the URL/],
    [
      'a named registry that is no URL',
      'pnpm-workspace.yaml',
      'namedRegistries:\n  a: nope',
      'pnpm',
      /namedRegistries\.a/,
    ],
  ];
  for (const [what, name, text, format, message, line] of cases) {
    test(`${name}: ${what}`, async (t) => {
      const error: unknown = await load(t, { format, files: { [`project/${name}`]: text as string } }).catch(
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof LocksealError, String(error));
      assert.equal(error.code, 'ERR_CONFIG');
      assert.match(error.message, message);
      assert.equal(path.basename(error.details.file ?? ''), name);
      assert.equal(error.details.position?.line, line);
      assert.doesNotMatch(`${error.stack}${inspect(error, { depth: 9 })}`, /s3cret/);
    });
  }

  test('a file that cannot be read is not taken for absent', async (t) => {
    await assert.rejects(
      load(t, { files: { 'project/.npmrc/x': '' } }),
      (error) => error instanceof LocksealError && /EISDIR/.test(error.message),
    );
  });
});
