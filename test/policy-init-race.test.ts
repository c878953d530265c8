// `policy init` looks for a policy, verifies for seconds, and writes: what somebody else has written meanwhile stays.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { openEvidenceProject, TRUST, type EvidenceProject } from './support/evidence-project.ts';

const THEIRS = 'version: 1\nextends: strict\n';
const INIT = ['policy', 'init', '--no-cache', ...TRUST];

describe('policy init', () => {
  let project: EvidenceProject;
  before(async () => {
    project = await openEvidenceProject();
  });
  after(() => project.close());

  const leftovers = (): readonly string[] => fs.readdirSync(project.directory).filter((name) => name.endsWith('.tmp'));

  const meanwhile: readonly (readonly [string, (file: string) => void])[] = [
    ['a policy', (file) => fs.writeFileSync(file, THEIRS)],
    ['a link that leads nowhere', (file) => fs.symlinkSync('nowhere.yaml', file)],
  ];
  for (const [name, appear] of meanwhile) {
    test(`${name} that appears after it has looked is not written over`, async () => {
      const file = project.file(`${name.replaceAll(' ', '-')}.yaml`);
      // The registry is asked after it has looked, and before it writes.
      let asked = 0;
      const edit = (document: unknown): unknown => {
        if (asked === 0) appear(file);
        asked += 1;
        return document;
      };
      const end = project.registry.fault({}, { type: 'edit', edit });
      const { exitCode, stderr } = await project.run([...INIT, `--policy=${file}`]);
      end();
      assert.ok(asked > 0);
      assert.equal(exitCode, 2);
      assert.match(stderr, /ERR_USAGE There is a policy already; it is not written over\./);
      assert.deepEqual(leftovers(), []);
      if (fs.lstatSync(file).isSymbolicLink()) assert.equal(fs.existsSync(project.file('nowhere.yaml')), false);
      else assert.equal(fs.readFileSync(file, 'utf8'), THEIRS);
    });
  }

  test('of four at once one wins, and the others are told', async () => {
    const args = [...INIT, '--policy=together.yaml'];
    const runs = await Promise.all([1, 2, 3, 4].map(() => project.run(args)));
    assert.deepEqual(
      runs.map(({ exitCode }) => exitCode).toSorted((a, b) => a - b),
      [0, 2, 2, 2],
    );
    for (const { exitCode, stderr } of runs) if (exitCode === 2) assert.match(stderr, /There is a policy already/);
    assert.deepEqual(leftovers(), []);
    assert.equal((await project.run(['verify', '--quiet', '--policy=together.yaml', ...TRUST])).exitCode, 0);
  });

  test('a folder that is not there is an error of its own', async () => {
    const { exitCode, stderr } = await project.run([...INIT, '--policy=none/policy.yaml']);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /ERR_OUTPUT The policy could not be written/);
  });
});
