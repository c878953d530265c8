// Replays what the fuzzer kept (npm run fuzz): inputs that reach code which no other input reaches, and those that once
// broke a promise. Each is read twice, because the same bytes must have the same answer.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { signedSeeds, TARGETS } from '../../scripts/fuzz/targets.ts';

const corpus = path.join(import.meta.dirname, 'corpus');

describe('the corpus of the fuzzer', () => {
  for (const [name, target] of Object.entries(TARGETS)) {
    const folder = path.join(corpus, name);
    const kept = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    const inputs = [...kept.map((file) => fs.readFileSync(path.join(folder, file))), ...signedSeeds(name)];
    test(`${name}: ${inputs.length} inputs`, { timeout: 60_000 }, async () => {
      assert.ok(inputs.length > 0, 'there is something to begin with');
      for (const input of inputs) assert.deepEqual(await target(input), await target(input));
    });
  }

  test('holds small files only, and none that no target reads', () => {
    for (const folder of fs.readdirSync(corpus)) {
      assert.ok(Object.hasOwn(TARGETS, folder), folder);
      for (const file of fs.readdirSync(path.join(corpus, folder))) {
        assert.ok(fs.statSync(path.join(corpus, folder, file)).size <= 16 * 1024, `${folder}/${file}`);
      }
    }
  });
});
