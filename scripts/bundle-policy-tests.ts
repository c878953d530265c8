// Bundles every test file of packages/policy, with the sources as they stand now, into one plain script beside it:
// `x.test.ts` becomes `x.test.mutants.mjs`. Mutation testing starts each of them thousands of times, and a start from
// one file of JavaScript takes a fifth of one from a hundred files of TypeScript.
//
//   node scripts/bundle-policy-tests.ts            writes them
//   node scripts/bundle-policy-tests.ts --remove   takes them away
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { rolldown } from 'rolldown';

const tests = path.join(import.meta.dirname, '..', 'packages', 'policy', 'test');
const SUFFIX = '.mutants.mjs';
const entries = fs.readdirSync(tests, { recursive: true, encoding: 'utf8' });

if (process.argv.includes('--remove')) {
  for (const file of entries.filter((name) => name.endsWith(SUFFIX))) fs.rmSync(path.join(tests, file));
} else {
  for (const file of entries.filter((name) => name.endsWith('.test.ts'))) await bundle(path.join(tests, file));
}

async function bundle(file: string): Promise<void> {
  const build = await rolldown({
    input: file,
    platform: 'node',
    resolve: { conditionNames: ['@lockseal/source', 'node', 'import', 'default'] },
    // A mutant may make code unreachable: nothing is to be left out on that account.
    treeshake: false,
  });
  await build.write({ file: file.replace(/\.ts$/, SUFFIX), format: 'esm', codeSplitting: false });
  await build.close();
}
