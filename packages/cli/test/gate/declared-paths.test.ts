import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLockfile } from '@lockseal/lockfile';
import { declaredPaths } from '../../src/gate/declared-paths.ts';

const LOCK = {
  name: 'shop',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'shop', version: '1.0.0', dependencies: { parent: '1.0.0', hole: '1.0.0' } },
    'node_modules/parent': {
      version: '1.0.0',
      dependencies: { leaf: '1.0.0' },
      peerDependencies: { absent: '*' },
      peerDependenciesMeta: { absent: { optional: true } },
    },
    'node_modules/leaf': { version: '1.0.0' },
    'node_modules/stray': { version: '1.0.0' },
  },
};

const pathTo = declaredPaths(readLockfile('package-lock.json', new TextEncoder().encode(JSON.stringify(LOCK))));

describe('the way to a package that was refused', () => {
  const cases: readonly (readonly [why: string, name: string, path: readonly string[] | undefined])[] = [
    ['leads to what is locked under its name', 'leaf', ['.', 'parent@1.0.0', 'leaf@1.0.0']],
    ['leads to the package that wants it as a peer', 'absent', ['.', 'parent@1.0.0', 'absent']],
    ['leads to the project that declares it, and did not lock it', 'hole', ['.', 'hole']],
    ['is none where only a script asks for it', 'evil', undefined],
    ['is none where it is locked and nothing leads to it', 'stray', undefined],
    ['is none for a name of the prototype', 'constructor', undefined],
  ];
  for (const [why, name, path] of cases) test(why, () => assert.deepEqual(pathTo(name), path));
});
