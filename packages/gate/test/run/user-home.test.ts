import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import type { Family } from '../../src/run/managers.ts';
import { makeRunFolder } from '../../src/run/user-home.ts';

const SECRET = 's3cret-token';
const base = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-home-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));

let home = '';
beforeEach(() => {
  home = fs.mkdtempSync(path.join(base, 'user-'));
});

function put(name: string, text: string): string {
  const file = path.join(home, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

const make = (env: Record<string, string> = {}, family?: Family) =>
  makeRunFolder({ env, home }, base, 'THE AUTHORITY', family);

/** Everything in the folder that is no link, as text. */
function ownFiles(directory: string): readonly string[] {
  const items = fs.readdirSync(directory, { recursive: true, withFileTypes: true });
  return items.filter((item) => item.isFile()).map((item) => path.join(item.parentPath, item.name));
}

describe('the home of what runs behind the gate', () => {
  test('holds no credential of any file that package managers or git read, and all other settings', async () => {
    put('.npmrc', `registry=https://r.example/\n//r.example/:_authToken=${SECRET}\n`);
    put('.yarnrc.yml', `npmAuthToken: ${SECRET}\nnodeLinker: pnp\n`);
    put('.bunfig.toml', `[install]\nexact = true\nregistry = { url = "https://r.example/", token = "${SECRET}" }\n`);
    put('.netrc', `machine r.example password ${SECRET}`);
    put('.git-credentials', `https://u:${SECRET}@git.example`);
    put('.config/pnpm/rc', `//r.example/:_authToken=${SECRET}\nnode-linker=hoisted\n`);
    put('.config/pnpm/auth.ini', `//r.example/:_authToken=${SECRET}\n`);
    put('.config/gh/hosts.yml', `oauth_token: ${SECRET}`);
    put('.config/other/settings', 'kept');
    const run = await make();
    const { home: made } = run.places;
    const reached = fs.readdirSync(made).concat(fs.readdirSync(path.join(made, '.config')));
    for (const name of ['.netrc', '.git-credentials', 'gh']) assert.ok(!reached.includes(name), name);
    const texts = ownFiles(run.directory).map((file) => fs.readFileSync(file, 'utf8'));
    assert.ok(texts.every((text) => !text.includes(SECRET)));
    assert.match(fs.readFileSync(path.join(made, '.npmrc'), 'utf8'), /^registry=https:\/\/r\.example\/$/m);
    assert.match(fs.readFileSync(path.join(made, '.config/pnpm/rc'), 'utf8'), /node-linker=hoisted/);
    assert.match(fs.readFileSync(path.join(made, '.config/.bunfig.toml'), 'utf8'), /exact = true/);
    assert.deepEqual(fs.readdirSync(path.join(made, '.config/pnpm')).toSorted(), ['rc']);
    assert.equal(fs.readFileSync(path.join(made, '.config/other/settings'), 'utf8'), 'kept');
    await run.remove();
  });

  test('leads to the caches of the user, which outlive it', async () => {
    const run = await make();
    fs.writeFileSync(path.join(run.places.home, '.npm', 'entry'), 'cached');
    await run.remove();
    assert.ok(!fs.existsSync(run.directory));
    assert.equal(fs.readFileSync(path.join(home, '.npm', 'entry'), 'utf8'), 'cached');
  });

  test('takes the .npmrc that a variable names, in any spelling', async () => {
    const file = put('elsewhere/npmrc', `@a:registry=https://a.example/\n//a.example/:_authToken=\${CORP_KEY}\n`);
    const run = await make({ NPM_CONFIG_USERCONFIG: file });
    assert.equal(fs.readFileSync(run.places.npmrc, 'utf8').trim(), '@a:registry=https://a.example/');
    assert.deepEqual(run.named, ['CORP_KEY']);
    await run.remove();
  });

  test('is for its owner alone', async () => {
    const run = await make();
    assert.equal(fs.statSync(run.directory).mode & 0o777, 0o700);
    for (const file of ownFiles(run.directory)) assert.equal(fs.statSync(file).mode & 0o077, 0, file);
    await run.remove();
  });

  test('names the store of pnpm by its own path, unless a file or variable does', async () => {
    const run = await make();
    assert.equal(run.places.pnpmStore, path.join(home, '.local/share/pnpm/store'));
    assert.equal(run.places.yarnGlobal, path.join(home, '.yarn/berry'));
    await run.remove();
    const named = await make({ PNPM_HOME: '/opt/pnpm' });
    assert.equal(named.places.pnpmStore, path.normalize('/opt/pnpm/store'));
    await named.remove();
    put('.npmrc', 'store-dir=/somewhere\n');
    const configured = await make();
    assert.equal(configured.places.pnpmStore, undefined);
    await configured.remove();
  });

  test("names Yarn's global folder by its own path, unless a file or variable does: .pnp.cjs holds it", async () => {
    const data = await make({ XDG_DATA_HOME: '/data' });
    assert.equal(data.places.yarnGlobal, path.normalize('/data/yarn/berry'));
    await data.remove();
    const named = await make({ yarn_global_folder: '/opt/yarn' });
    assert.equal(named.places.yarnGlobal, undefined);
    await named.remove();
    put('.yarnrc.yml', 'enableTelemetry: false\nglobalFolder: /somewhere\n');
    const configured = await make();
    assert.equal(configured.places.yarnGlobal, undefined);
    await configured.remove();
  });

  test('keeps Yarn 1 from a lockfile of Yarn 2, whatever the user says to Yarn 1', async () => {
    const refusal = /(?:^|\n)--install\.mutex "lockseal: [^"]+"\n$/;
    const textOf = async (family?: Family): Promise<string | undefined> => {
      const run = await make({}, family);
      const file = path.join(run.places.home, '.yarnrc');
      const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
      await run.remove();
      return text;
    };
    assert.match((await textOf('yarn-berry')) ?? '', refusal);
    for (const family of ['yarn-classic', 'npm', undefined] as const) assert.equal(await textOf(family), undefined);
    put('.yarnrc', 'lastUpdateCheck 1\n--install.mutex "file:/tmp/other"');
    const text = (await textOf('yarn-berry')) ?? '';
    assert.match(text, refusal);
    assert.match(text, /^lastUpdateCheck 1$/m);
    assert.equal(await textOf('yarn-classic'), 'lastUpdateCheck 1\n--install.mutex "file:/tmp/other"');
  });

  test('leaves nothing where it cannot be made', async () => {
    const nobody = path.join(home, 'file');
    fs.writeFileSync(nobody, '');
    const before = fs.readdirSync(base);
    await assert.rejects(makeRunFolder({ env: {}, home: nobody }, base, 'THE AUTHORITY'), {
      code: /^(?:ENOTDIR|EEXIST)$/,
    });
    const closed = Promise.reject(new Error('there is no gate'));
    await assert.rejects(makeRunFolder({ env: {}, home }, base, closed), /there is no gate/);
    assert.deepEqual(fs.readdirSync(base), before);
  });

  test('trusts the gate, and whom the user trusts beside Node', async () => {
    const users = put('corp.pem', 'THE CORPORATION');
    const run = await make({ NODE_EXTRA_CA_CERTS: users });
    const { authority, extraAuthorities, allAuthorities } = run.authorities;
    assert.equal(fs.readFileSync(authority, 'utf8'), 'THE AUTHORITY\n');
    assert.equal(fs.readFileSync(extraAuthorities, 'utf8'), 'THE AUTHORITY\nTHE CORPORATION\n');
    assert.match(
      fs.readFileSync(allAuthorities, 'utf8'),
      /^THE AUTHORITY\nTHE CORPORATION\n-----BEGIN CERTIFICATE-----/,
    );
    await run.remove();
  });
});
