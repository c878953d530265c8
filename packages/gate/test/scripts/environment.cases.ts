import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovedScripts } from '../../src/index.ts';
import { scriptEnvironment } from '../../src/scripts/environment.ts';

const surroundings = {
  root: '/project',
  node: '/opt/node/bin/node',
  nodeDirectory: undefined,
  home: '/home/lockseal',
  temporary: '/tmp',
  proxy: undefined,
  certificates: undefined,
  pnpMap: undefined,
};

function environment(env: Readonly<Record<string, string>>, names: readonly string[] = [], more: object = {}) {
  const scripted = { permit: { env: names } } as unknown as ApprovedScripts;
  return scriptEnvironment(scripted, { ...surroundings, env, ...more }, env);
}

describe('the environment of a script', () => {
  const secrets = [
    'NPM_TOKEN',
    'NODE_AUTH_TOKEN',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'npm_config__auth',
    'SSH_AUTH_SOCK',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'DOCKER_HOST',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'BASH_ENV',
    'http_proxy',
  ];
  for (const name of secrets) {
    test(`${name} is taken away, also where a library adds the environment of this process`, () => {
      const made = environment({ [name]: 'secret' });
      assert.ok(Object.hasOwn(made, name));
      assert.equal(made[name], undefined);
    });
  }

  test('language, time and terminal stay', () => {
    const kept = { LANG: 'C.UTF-8', LC_ALL: 'C', TZ: 'UTC', TERM: 'xterm', CI: 'true', NO_COLOR: '1' };
    const made = environment(kept);
    for (const [name, value] of Object.entries(kept)) assert.equal(made[name], value);
  });

  test('what the policy names is passed, and what is set here wins over it', () => {
    const made = environment({ CC: 'gcc', HOME: '/root', PATH: '/evil' }, ['CC', 'HOME', 'PATH']);
    assert.equal(made['CC'], 'gcc');
    assert.equal(made['HOME'], '/home/lockseal');
    assert.match(made['PATH'] ?? '', /^\/opt\/node\/bin:\/usr\/local\/sbin:/);
  });

  test('a proxy is named where there is one, under every name that is in use', () => {
    const made = environment({}, [], { proxy: 'http://127.0.0.1:3128', certificates: '/ca.pem' });
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'npm_config_https_proxy']) {
      assert.equal(made[name], 'http://127.0.0.1:3128');
    }
    for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) assert.equal(made[name], '/ca.pem');
    assert.equal(environment({})['https_proxy'], undefined);
  });

  test("Yarn's map is loaded first, wherever it lies, and by lockseal's word alone", () => {
    const made = environment({ NODE_OPTIONS: '--require evil.js' }, ['NODE_OPTIONS'], { pnpMap: '/a b/.pnp.cjs' });
    assert.equal(made['NODE_OPTIONS'], '--require "/a b/.pnp.cjs"');
  });
});
