// Approved scripts, really run: in bubblewrap where it says so, else without a sandbox.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openSandbox, type Sandbox } from '../../src/scripts/sandbox/open.ts';
import { bubblewrap, makeProject, type Ran, type TestPackage } from './support/project.ts';

const reasonOf = ({ outcomes: [outcome] }: Ran): string =>
  outcome?.result.status === 'failed' ? outcome.result.reason : (outcome?.result.status ?? 'did not run');

/** Runs one package with and without a sandbox. */
function both(why: string, each: TestPackage, check: (ran: Ran, folder: string, t: TestContext) => void): void {
  const run = async (t: TestContext, sandbox: Sandbox): Promise<void> => {
    const project = makeProject(t, [each]);
    check(await project.run(sandbox), project.folder(each.name), t);
  };
  test(`${why} (in a sandbox)`, async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox !== undefined) await run(t, sandbox);
  });
  test(`${why} (without)`, async (t) => run(t, await openSandbox('off')));
}

const tool = (scripts: Readonly<Record<string, string>>, more: Partial<TestPackage> = {}): TestPackage => ({
  name: 'tool',
  scripts,
  permit: {},
  ...more,
});

describe('an approved script', () => {
  both(
    'runs as npm runs it: its folder, its variables, in order, and leaves what it makes',
    tool(
      {
        preinstall: 'echo "$npm_package_name $npm_lifecycle_event"',
        install: 'echo made > made; pwd',
        postinstall: 'cat made; echo "$npm_package_config_port $INIT_CWD"',
      },
      { manifest: { config: { port: 8080 } } },
    ),
    (ran, folder) => {
      const root = path.dirname(path.dirname(folder));
      assert.deepEqual(ran.lines, ['tool|tool preinstall', `tool|${folder}`, 'tool|made', `tool|8080 ${root}`]);
      assert.equal(reasonOf(ran), 'done');
      assert.equal(fs.readFileSync(path.join(folder, 'made'), 'utf8'), 'made\n');
      assert.deepEqual(ran.outcomes[0]?.writable, [folder]);
    },
  );

  both(
    "is run by Node, whatever an installed package's program is called",
    tool({
      // As a package manager links what another package declares.
      preinstall:
        "mkdir -p node_modules/.bin; printf '#!/bin/sh\\necho evil' > node_modules/.bin/node; chmod +x node_modules/.bin/node",
      install: 'node -p 1+1; env node -p 2+2',
    }),
    ({ lines }) => assert.deepEqual(lines, ['tool|2', 'tool|4']),
  );

  both(
    'finds the commands of installed packages, and Node',
    tool(
      { install: 'node -p 1+1; hello' },
      {
        files: { 'node_modules/.bin/hello': '#!/bin/sh\necho hello\n' },
      },
    ),
    (ran) => {
      // The file is no program yet: only what may be run is found.
      assert.equal(ran.lines[0], 'tool|2');
      assert.match(reasonOf(ran), /^install: exit code 12[67]$/);
    },
  );

  both('that fails ends the package, with its exit code', tool({ preinstall: 'exit 3', install: 'echo no' }), (ran) => {
    assert.equal(reasonOf(ran), 'preinstall: exit code 3');
    assert.deepEqual(ran.lines, []);
  });

  both(
    'that changes the scripts of its own package after they were approved ends it',
    tool({ preinstall: `sed -i 's/echo good/echo evil/' package.json`, install: 'echo good' }),
    (ran) => {
      assert.equal(reasonOf(ran), 'install: its scripts are no longer those that were approved');
      assert.deepEqual(ran.lines, []);
    },
  );

  both(
    'that runs too long is ended',
    tool({ install: 'echo a; sleep 30; echo b' }, { permit: { timeout: 1 } }),
    (ran) => {
      assert.equal(reasonOf(ran), 'install: it ran longer than 1 s');
      assert.ok(!ran.lines.includes('tool|b'));
    },
  );

  both(
    'writes to its outputs, which are made for it',
    tool({ install: 'echo x > build/Release/made' }, { permit: { outputs: ['build/Release'] } }),
    (ran, folder) => {
      assert.equal(reasonOf(ran), 'done');
      assert.deepEqual(ran.outcomes[0]?.writable, [path.join(folder, 'build/Release')]);
    },
  );

  both(
    'can make its output anew, as builders do, also where it lies deeper',
    tool(
      {
        install:
          'rmdir build && mkdir build && echo x > build/made && rmdir a/b && mkdir a/b && cat a/c && echo y > a/b/made',
      },
      { permit: { outputs: ['build', 'a/b'] }, files: { 'a/c': 'c' } },
    ),
    (ran, folder) => {
      assert.equal(reasonOf(ran), 'done');
      assert.equal(fs.readFileSync(path.join(folder, 'a/b/made'), 'utf8'), 'y\n');
    },
  );

  both(
    'that makes something beside its outputs is told of',
    tool({ install: 'echo evil > new.js; mkdir a; echo evil > a/b' }, { permit: { outputs: ['build'] } }),
    (ran) =>
      assert.equal(
        reasonOf(ran),
        'it changed a/b, which is none of its outputs; it changed new.js, which is none of its outputs',
      ),
  );

  both(
    'that makes a link of its output is told of',
    tool({ install: 'rmdir build && ln -s ../../.. build' }, { permit: { outputs: ['build'] } }),
    (ran) => assert.equal(reasonOf(ran), 'it left something behind: build is a link'),
  );

  both(
    'that moves a folder away to put another in its place is told of',
    tool(
      { install: 'mv a b && mkdir a && echo evil > a/c' },
      { permit: { outputs: ['a/x'] }, files: { 'a/c': 'good' } },
    ),
    (ran) => assert.match(reasonOf(ran), /it changed a\/c, which is none of its outputs; it changed b\/c/),
  );

  both(
    'has no output where a file is',
    tool({ install: 'true' }, { permit: { outputs: ['bin'] }, files: { bin: '' } }),
    (ran) => assert.equal(reasonOf(ran), 'its output bin is no folder'),
  );
});

describe('what a script leaves', () => {
  test('an output that leads elsewhere is refused before anything runs', async (t) => {
    const project = makeProject(t, [tool({ install: 'echo evil > out/x' }, { permit: { outputs: ['out', 'a/b'] } })]);
    fs.symlinkSync('/usr', path.join(project.folder('tool'), 'a'));
    const ran = await project.run(await openSandbox('off'));
    assert.equal(reasonOf(ran), 'its output a/b leads out of its folder');
    fs.rmSync(path.join(project.folder('tool'), 'a'));
    fs.rmSync(path.join(project.folder('tool'), 'out'), { recursive: true });
    fs.symlinkSync('..', path.join(project.folder('tool'), 'out'));
    assert.equal(reasonOf(await project.run(await openSandbox('off'))), 'its output out leads out of its folder');
  });

  test('without a sandbox, a file beside its outputs is told of', async (t) => {
    const scripts = { install: 'echo evil > index.js; echo new > new.js; rm old.js; chmod +x mode.js' };
    const files = { 'index.js': 'good', 'old.js': '', 'mode.js': '' };
    const project = makeProject(t, [tool(scripts, { files, permit: { outputs: ['build'] } })]);
    const reason = reasonOf(await project.run(await openSandbox('off')));
    for (const name of ['index.js', 'mode.js', 'new.js', 'old.js']) {
      assert.ok(reason.includes(`it changed ${name}, which is none of its outputs`), reason);
    }
  });

  test('a file that shares its inode with a store gets one of its own', async (t) => {
    const project = makeProject(t, [tool({ install: 'echo evil > index.js' }, { files: { 'index.js': 'good' } })]);
    const store = path.join(project.root, 'store');
    fs.linkSync(path.join(project.folder('tool'), 'index.js'), store);
    assert.equal(reasonOf(await project.run(await openSandbox('off'))), 'done');
    assert.equal(fs.readFileSync(store, 'utf8'), 'good');
    assert.equal(fs.readFileSync(path.join(project.folder('tool'), 'index.js'), 'utf8'), 'evil\n');
  });

  test('a package that is reached by a link is not run', async (t) => {
    const project = makeProject(t, [tool({ install: 'echo x' })]);
    fs.renameSync(project.folder('tool'), path.join(project.root, 'elsewhere'));
    fs.symlinkSync('../elsewhere', project.folder('tool'));
    assert.equal(reasonOf(await project.run(await openSandbox('off'))), 'its folder is reached by a link');
  });

  test(
    'without a sandbox, what it left running is ended with it',
    { skip: process.platform !== 'linux' },
    async (t) => {
      const project = makeProject(t, [tool({ install: '(sleep 0.5; touch late) & echo $!' })]);
      const ran = await project.run(await openSandbox('off'));
      const pid = Number(ran.lines[0]?.split('|')[1]);
      // Whoever inherits it may not have noticed yet that it is dead.
      assert.match(stateOf(pid), /^(?:gone|Z)$/);
    },
  );
});

/** One letter of proc(5). */
function stateOf(pid: number): string {
  try {
    return /^State:\s+(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '?';
  } catch (error) {
    assert.ok(['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? ''));
    return 'gone';
  }
}

describe('an interrupt', () => {
  test('ends the script that runs, and all of it', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const abort = new AbortController();
    const project = makeProject(t, [tool({ install: 'echo started; sleep 30' })]);
    void setTimeout(300).then(() => abort.abort());
    const started = performance.now();
    assert.equal(reasonOf(await project.run(sandbox, {}, abort.signal)), 'install: it was interrupted');
    assert.ok(performance.now() - started < 20_000);
  });
});

describe('what the policy grants', () => {
  test('a variable of the environment, and no other', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const project = makeProject(t, [tool({ install: 'echo "$CC $NPM_TOKEN"' }, { permit: { env: ['CC'] } })]);
    const ran = await project.run(sandbox, { env: { CC: 'clang', NPM_TOKEN: 'secret' } });
    assert.deepEqual(ran.lines, ['tool|clang ']);
  });

  test('a package in a folder with a name that shells would read is run all the same', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const parent = makeProject(t, []).root;
    const odd = path.join(parent, `it's "$(touch evil)" a\\place`);
    fs.mkdirSync(odd);
    const project = makeProject(t, [tool({ install: 'echo x > made' })], odd);
    assert.equal(reasonOf(await project.run(sandbox)), 'done');
    assert.ok(fs.existsSync(path.join(project.folder('tool'), 'made')));
  });
});

describe('when lockseal is killed', () => {
  test('what runs in the sandbox dies with it', async (t) => {
    const sandbox = await bubblewrap(t);
    if (sandbox === undefined) return;
    const project = makeProject(t, [tool({ install: '(sleep 60; touch late) & sleep 61 & echo started; wait' })]);
    const [scripted] = (await project.plan()).approved;
    const module = path.join(import.meta.dirname, '../../src/scripts/run-scripts.ts');
    const program = `
      const { runScripts } = await import(${JSON.stringify(module)});
      const [scripted, sandbox, surroundings] = JSON.parse(process.argv[1]);
      const signal = new AbortController().signal;
      await runScripts([scripted], { sandbox: { ...sandbox, system: { ...sandbox.system, links: new Map(sandbox.system.links) } }, surroundings, signal, onLine: () => console.log('started') });
    `;
    const surroundings = { root: project.root, temporary: project.root, readable: [], env: {}, node: process.execPath };
    const system = 'system' in sandbox ? { ...sandbox.system, links: [...sandbox.system.links] } : {};
    const input = JSON.stringify([scripted, { ...sandbox, system }, surroundings]);
    const args = ['--conditions=@lockseal/source', '--input-type=module', '-e', program, input];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const below = descendants(child.pid ?? assert.fail());
    assert.ok(below.length >= 4, `bwrap twice, the shell, what it started: ${below.length}`);
    child.kill('SIGKILL');
    await once(child, 'close');
    for (let tries = 0; tries < 200 && below.some(isAlive); tries += 1) await setTimeout(25);
    assert.deepEqual(below.filter(isAlive), []);
  });
});

function descendants(pid: number): readonly number[] {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isAlive(pid: number): boolean {
  return !['gone', 'Z', 'X'].includes(stateOf(pid));
}
