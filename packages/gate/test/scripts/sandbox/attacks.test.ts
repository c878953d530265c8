// Approved scripts that turn out to be hostile, in a real sandbox: what each tries, and what is left of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { ScriptPermit } from '../../../src/index.ts';
import { bubblewrap, makeProject, type Ran, type TestProject } from '../support/project.ts';

/** A home with secrets, and servers that nobody may reach. */
interface World {
  readonly folder: string;
  readonly port: number;
  readonly agent: string;
  readonly abstract: string;
  readonly reached: () => number;
  close(): void;
}

const SECRET = 'npm_0123456789abcdef';

async function openWorld(): Promise<World> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-world-')));
  fs.mkdirSync(path.join(folder, '.ssh'));
  for (const file of ['.npmrc', '.ssh/id_ed25519']) fs.writeFileSync(path.join(folder, file), SECRET);
  let reached = 0;
  const listen = async (...where: [number, string] | [string]): Promise<net.Server> => {
    const server = net.createServer((socket) => {
      reached += 1;
      socket.end();
    });
    if (where.length === 1) server.listen(where[0]);
    else server.listen(...where);
    await once(server, 'listening');
    return server;
  };
  const agent = path.join(folder, 'agent');
  const abstract = `\0lockseal-${process.pid}`;
  const tcp = await listen(0, '127.0.0.1');
  const servers = [tcp, await listen(agent), await listen(abstract)];
  return {
    folder,
    port: (tcp.address() as net.AddressInfo).port,
    agent,
    abstract,
    reached: () => reached,
    close: () => {
      for (const server of servers) server.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

interface Attack {
  readonly why: string;
  /** A program for Node; it prints what it got. */
  readonly program: (world: World, project: TestProject) => string;
  readonly permit?: Partial<ScriptPermit>;
  readonly expect: (ran: Ran, world: World, project: TestProject) => void;
}

const reasonOf = ({ outcomes: [outcome] }: Ran): string =>
  outcome?.result.status === 'failed' ? outcome.result.reason : (outcome?.result.status ?? 'did not run');

const got = ({ lines }: Ran): string => lines.map((line) => line.replace('evil|', '')).join('\n');

/** Connects, and prints what comes of it. */
const connecting = (where: string): string =>
  `require('net').connect(${where}).on('connect', () => { console.log('reached'); process.exit() }).on('error', (error) => console.log(error.code))`;

/** Prints the first of what it reads, or the code of the error. */
const reading = (...files: readonly string[]): string =>
  `for (const file of ${JSON.stringify(files)}) try { console.log(require('fs').readFileSync(file, 'utf8')) } catch (error) { console.log(error.code) }`;

const writing = (...files: readonly string[]): string =>
  `for (const file of ${JSON.stringify(files)}) try { require('fs').writeFileSync(file, 'evil'); console.log('wrote', file) } catch (error) { console.log(error.code) }`;

const attacks: readonly Attack[] = [
  {
    why: 'it phones home: a listener on the loopback interface of the machine sees nothing',
    program: ({ port }) => connecting(`${port}, '127.0.0.1'`),
    expect: (ran, world) => {
      assert.equal(got(ran), 'ECONNREFUSED');
      assert.equal(world.reached(), 0);
    },
  },
  {
    why: 'it looks for another way out: there is none but loopback, and no name resolves',
    program: () =>
      `console.log(Object.keys(require('os').networkInterfaces()).join()); require('dns').lookup('registry.npmjs.org', (error) => console.log(error?.code))`,
    expect: (ran) => assert.match(got(ran), /^lo\n(?:EAI_AGAIN|ENOTFOUND)$/),
  },
  {
    why: 'it connects to an abstract unix socket, which no file system hides',
    program: ({ abstract }) => connecting(JSON.stringify({ path: abstract })),
    expect: (ran, world) => {
      assert.equal(got(ran), 'ECONNREFUSED');
      assert.equal(world.reached(), 0);
    },
  },
  {
    why: 'it asks the ssh agent: neither its variable nor its socket is there',
    program: ({ agent }) => `console.log(process.env.SSH_AUTH_SOCK); ${connecting(JSON.stringify({ path: agent }))}`,
    expect: (ran, world) => {
      assert.equal(got(ran), 'undefined\nENOENT');
      assert.equal(world.reached(), 0);
    },
  },
  {
    why: "it reads the user's and the project's secrets: they are not there",
    program: ({ folder }, { root }) =>
      reading(
        path.join(folder, '.npmrc'),
        path.join(folder, '.ssh/id_ed25519'),
        path.join(root, '.npmrc'),
        path.join(root, '.env'),
        path.join(root, 'src/index.js'),
        path.join(os.homedir(), '.bashrc'),
        '/etc/shadow',
        '/var/run/docker.sock',
      ),
    expect: (ran) => assert.equal(got(ran), 'ENOENT\n'.repeat(8).trim()),
  },
  {
    why: 'it reads the environment for tokens',
    program: () => `console.log(JSON.stringify(process.env))`,
    expect: (ran, { folder }) => {
      assert.ok(!got(ran).includes(SECRET) && !got(ran).includes(folder));
      assert.match(got(ran), /"HOME":"\/home\/lockseal"/);
    },
  },
  {
    why: 'it reads the environment of the first process, and looks for other processes',
    program: () =>
      `const fs = require('fs'); console.log(fs.readFileSync('/proc/1/environ', 'utf8').includes('${SECRET}')); console.log(fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length < 10)`,
    expect: (ran) => assert.equal(got(ran), 'false\ntrue'),
  },
  {
    why: 'it writes outside of its folder',
    program: ({ folder }, { root }) =>
      writing(
        '/evil',
        '/usr/evil',
        path.join(root, 'package.json'),
        path.join(folder, 'evil'),
        path.join(root, 'evil'),
      ),
    expect: (ran, { folder }, { root }) => {
      assert.match(got(ran), /^EROFS\nEROFS\nEROFS\nENOENT\n/);
      // Where the project lies in /tmp, the script has a /tmp of its own.
      assert.ok(!fs.existsSync(path.join(folder, 'evil')) && !fs.existsSync(path.join(root, 'evil')));
      assert.equal(fs.readFileSync(path.join(root, 'package.json'), 'utf8'), '{"name":"project"}');
    },
  },
  {
    why: 'it edits another package, beside it and nested in its own folder, and makes a new one',
    program: (_world, { folder }) =>
      writing(
        path.join(folder('good'), 'index.js'),
        path.join(folder('evil'), 'node_modules/inner/index.js'),
        path.join(folder('evil'), 'node_modules/new.js'),
        path.join(folder('good'), '../new.js'),
      ),
    expect: (ran, _world, { folder }) => {
      assert.equal(got(ran), 'EROFS\n'.repeat(4).trim());
      assert.equal(fs.readFileSync(path.join(folder('good'), 'index.js'), 'utf8'), 'good');
    },
  },
  {
    why: 'it writes to its own folder beside its outputs',
    permit: { outputs: ['build'] },
    program: (_world, { folder }) =>
      writing(path.join(folder('evil'), 'index.js'), path.join(folder('evil'), 'build/ok')),
    expect: (ran, _world, { folder }) => {
      assert.equal(got(ran), `EROFS\nwrote ${path.join(folder('evil'), 'build/ok')}`);
      assert.equal(reasonOf(ran), 'done');
    },
  },
  {
    why: 'it leaves a link that leads out of its folder for others to write through',
    program: ({ folder }) => `require('fs').symlinkSync(${JSON.stringify(folder)}, 'out')`,
    expect: (ran, { folder }) =>
      assert.equal(
        reasonOf(ran),
        `it left something behind: out is a link that leads out of the package, to ${folder}`,
      ),
  },
  {
    why: 'it hides where a link leads behind another one',
    program: ({ folder }) =>
      `const fs = require('fs'); fs.mkdirSync('a/b', {recursive: true}); fs.symlinkSync('/usr/bin', 'a/b/c'); fs.symlinkSync('a/b/c/../..${folder}', 'out')`,
    expect: (ran, { folder }) =>
      assert.ok(reasonOf(ran).endsWith(`out is a link that leads out of the package, to ${folder}`), reasonOf(ran)),
  },
  {
    why: 'it leaves a program behind that runs with the rights of its owner',
    program: () => `const fs = require('fs'); fs.writeFileSync('su', ''); fs.chmodSync('su', 0o4755)`,
    expect: (ran) => assert.match(reasonOf(ran), /su runs with the rights of its owner$/),
  },
  {
    why: 'it replaces its folder by a link: a mount cannot be moved',
    program: (_world, { folder }) =>
      `try { require('fs').renameSync(${JSON.stringify(folder('evil'))}, ${JSON.stringify(folder('was'))}) } catch (error) { console.log(error.code) }`,
    expect: (ran) => assert.match(got(ran), /^(?:EBUSY|EROFS|EXDEV)$/),
  },
  {
    why: 'it forks and outlives: nothing of it is left',
    program: () =>
      `require('child_process').spawn('sh', ['-c', 'sleep 0.3; touch late; sleep 30'], { detached: true, stdio: 'ignore' }).unref()`,
    expect: (ran, _world, { folder }) => {
      assert.equal(reasonOf(ran), 'done');
      assert.ok(!fs.existsSync(path.join(folder('evil'), 'late')));
    },
  },
  {
    why: 'it kills its parent and everybody',
    program: () =>
      `for (const id of [process.ppid, 1, -1]) try { process.kill(id, 9) } catch (error) { console.log(error.code) }`,
    expect: (ran) => assert.match(reasonOf(ran), /^install: (?:ended by SIGKILL|exit code 137)$/),
  },
  {
    why: 'it spins',
    permit: { timeout: 1 },
    program: () => `for (;;);`,
    expect: (ran) => assert.match(reasonOf(ran), /^install: (?:it ran longer than 1 s|ended by SIG|exit code 1\d\d)/),
  },
  {
    why: 'it sleeps for ever, which costs nothing but time',
    permit: { timeout: 1 },
    program: () => `setInterval(() => {}, 1e6)`,
    expect: (ran) => assert.equal(reasonOf(ran), 'install: it ran longer than 1 s'),
  },
  {
    why: 'it eats memory, all its processes together',
    permit: { memory: 128 * 1024 ** 2 },
    program: () => `const all = []; setInterval(() => all.push(Buffer.alloc(16 * 1024 ** 2, 1)), 20)`,
    expect: (ran) =>
      assert.match(reasonOf(ran), /^install: (?:it used more than 134217728 bytes of memory|exit code 13\d)/),
  },
  {
    why: 'it fills what is kept in memory: the folder is bounded',
    program: () =>
      `const fs = require('fs'); const file = fs.openSync('/tmp/big', 'w'); try { fs.ftruncateSync(file, 2 ** 31 + 1) } catch (error) { console.log(error.code) }; console.log(fs.statfsSync('/tmp').blocks * 4096 <= 2 ** 30)`,
    expect: (ran) => assert.match(got(ran), /true$/),
  },
  {
    why: 'it makes a file larger than any',
    program: () =>
      `try { require('fs').truncateSync('package.json', 2 ** 32) } catch (error) { console.log(error.code) }`,
    expect: (ran) => assert.match(`${got(ran)} ${reasonOf(ran)}`, /EFBIG|SIGXFSZ|exit code 153/),
  },
  {
    why: 'it asks for new powers: no namespaces, no mounts',
    program: () =>
      `console.log(require('child_process').spawnSync('unshare', ['-Ur', 'true']).status !== 0, require('child_process').spawnSync('mount', ['-t', 'tmpfs', 'x', '/tmp']).status !== 0, /CapEff:\\s0+$/m.test(require('fs').readFileSync('/proc/self/status', 'utf8')))`,
    expect: (ran) => assert.equal(got(ran), 'true true true'),
  },
];

describe('a hostile script in the sandbox', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  for (const { why, program, permit = {}, expect } of attacks) {
    test(why, async (t: TestContext) => {
      const sandbox = await bubblewrap(t);
      if (sandbox === undefined) return;
      const project = makeProject(t, [
        { name: 'good', files: { 'index.js': 'good' } },
        {
          name: 'evil',
          scripts: { install: 'node run.js' },
          files: { 'index.js': 'x', 'node_modules/inner/index.js': 'inner' },
          permit,
        },
      ]);
      fs.writeFileSync(path.join(project.folder('evil'), 'run.js'), program(world, project));
      for (const file of ['.npmrc', '.env']) fs.writeFileSync(path.join(project.root, file), SECRET);
      const env = { ...process.env, HOME: world.folder, NPM_TOKEN: SECRET, SSH_AUTH_SOCK: world.agent };
      const ran = await project.run(sandbox, { env });
      expect(ran, world, project);
      assert.ok(!ran.lines.join('\n').includes(SECRET));
    });
  }
});
