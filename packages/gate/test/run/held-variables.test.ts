import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdVariables, PLACEHOLDER } from '../../src/run/held-variables.ts';

const none: ReadonlySet<string> = new Set();

const CREDENTIALS = [
  'NPM_TOKEN',
  'npm_token',
  'NODE_AUTH_TOKEN',
  'npm_config_//registry.npmjs.org/:_authToken',
  'NPM_CONFIG_//corp.example/npm/:_password',
  'pnpm_config_//corp.example/:_auth',
  'npm_config__auth',
  'npm_config__authToken',
  'NPM_CONFIG__AUTH_TOKEN',
  'npm-config--auth',
  'npm_config__password',
  'npm_config_username',
  'npm_config_otp',
  'npm_config_key',
  'YARN_NPM_AUTH_TOKEN',
  'YARN_NPM_AUTH_IDENT',
  'yarn_npm_auth_token',
  'BUN_CONFIG_TOKEN',
  'BUN_AUTH_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GH_PAT',
  'CI_JOB_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'SIGSTORE_ID_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SESSION_TOKEN',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'ARTIFACTORY_API_KEY',
  'ARTIFACTORY_APIKEY',
  'DB_PASSWORD',
  'PGPASSWORD',
  'SSH_AUTH_SOCK',
  'SSH_PRIVATE_KEY',
  'DOCKER_AUTH_CONFIG',
  'CI_JOB_JWT',
  'CI_JOB_JWT_V2',
  'AZURE_STORAGE_CONNECTION_STRING',
  'MYSQL_PWD',
] as const;

const DETOURS = [
  'HTTP_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'NO_PROXY',
  'no_proxy',
  'npm_config_proxy',
  'NPM_CONFIG_HTTPS_PROXY',
  'npm_config_https-proxy',
  'npm_config_noproxy',
  'npm_config_cafile',
  'npm_config_strict_ssl',
  'npm_config_userconfig',
  'NPM_CONFIG_USERCONFIG',
  'pnpm_config_https_proxy',
  'YARN_HTTPS_PROXY',
  'YARN_ENABLE_STRICT_SSL',
  'YARN_NETWORK_SETTINGS',
  'YARN_RC_FILENAME',
] as const;

const HARMLESS = [
  'PATH',
  'HOME',
  'CI',
  'TERM',
  'LANG',
  'NODE_ENV',
  'NODE_OPTIONS',
  'TOKENIZERS_PARALLELISM',
  'npm_config_registry',
  'npm_config_@corp:registry',
  'npm_config_cache',
  'npm_config_keep',
  'YARN_CACHE_FOLDER',
  'KEYBOARD',
  'AUTHOR',
  'PWD',
  'OLDPWD',
  'AUTH_CONFIG_FILE',
  'GITHUB_REPOSITORY',
] as const;

describe('the environment of what runs behind the gate', () => {
  for (const name of CREDENTIALS) {
    test(`${name} is held back as a credential, and told`, () => {
      assert.deepEqual(holdVariables({ [name]: 's3cret' }, none), { env: {}, held: [name] });
    });
  }
  for (const name of DETOURS) {
    test(`${name} is held back as a detour, whoever wants to keep it`, () => {
      assert.deepEqual(holdVariables({ [name]: 'x' }, none, new Set([name])), { env: {}, held: [] });
    });
  }
  for (const name of HARMLESS) {
    test(`${name} is passed on`, () => {
      assert.deepEqual(holdVariables({ [name]: 'x' }, none), { env: { [name]: 'x' }, held: [] });
    });
  }
  test('a URL with a user in it is a credential under any name', () => {
    const env = { npm_config_registry: 'https://me:pass@corp.example/', MIRROR: 'https://t0ken@corp.example/' };
    assert.deepEqual(holdVariables(env, none), { env: {}, held: ['MIRROR', 'npm_config_registry'] });
  });
  test('an @ in the path of a URL is no user', () => {
    const env = { DOCS: 'https://corp.example/@scope/pkg' };
    assert.deepEqual(holdVariables(env, none).env, env);
  });
  test('what a file names for its token is held back, and a placeholder stands for it', () => {
    const env = { CORP: 's3cret' };
    assert.deepEqual(holdVariables(env, new Set(['CORP', 'UNSET'])), {
      env: { CORP: PLACEHOLDER, UNSET: PLACEHOLDER },
      held: ['CORP'],
    });
  });
  test('what the user keeps is passed on as it is', () => {
    const env = { NPM_TOKEN: 's3cret', GH_TOKEN: 'other' };
    assert.deepEqual(holdVariables(env, new Set(['NPM_TOKEN']), new Set(['NPM_TOKEN'])), {
      env: { NPM_TOKEN: 's3cret' },
      held: ['GH_TOKEN'],
    });
  });
});
