// docs/policy.md and what it speaks of.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { loadPolicy, permittedScripts, PRESET_NAMES, readCases, runCase, type Policy } from '@lockseal/policy';
import { FACT_TYPES } from '../packages/policy/src/custom/facts.ts';
import { GRANTS } from '../packages/policy/src/rules/script-grants.ts';
import { RULES } from '../packages/policy/src/rules/table.ts';

const page = fs.readFileSync(path.join(import.meta.dirname, '../docs/policy.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map((match) => match[1] ?? '');

const rows = (name: string): string[] => page.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`));

const NOW = Date.parse('2026-11-22T10:00:00Z');

async function policyOf(text: string): Promise<Policy> {
  const loaded = await loadPolicy({ file: 'policy.md', text }, { now: NOW, read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

describe('docs/policy.md', () => {
  test('has a row for every rule, with all its findings and options', () => {
    for (const { name, describe: text, codes, options } of RULES) {
      const row = rows(name).find((line) => line.includes('findings.md#'));
      assert.ok(row?.includes(text), name);
      for (const code of codes) assert.ok(row?.includes(`(findings.md#${code})`), `${name}: ${code}`);
      for (const option of Object.keys(options)) assert.ok(row?.includes(`\`${option}\``), `${name}: ${option}`);
    }
  });

  test('names every fact that custom rules see', () => {
    for (const [variable, members] of Object.entries(FACT_TYPES)) {
      const row = rows(variable).find((line) => !line.includes('findings.md#')) ?? '';
      for (const member of Object.keys(members)) assert.ok(row.includes(`\`${member}\``), `${variable}.${member}`);
    }
  });

  test('names every preset', () => {
    for (const name of PRESET_NAMES) assert.ok(page.includes(`| \`${name}\` |`), name);
  });

  for (const [index, block] of blocks.entries()) {
    test(`its YAML, number ${index + 1}, is good`, async () => {
      if (block.startsWith('cases:')) {
        const read = readCases(block, 'policy.md');
        assert.ok(read.status === 'ok' && read.cases.length > 0);
        const recommended = await policyOf('version: 1\nextends: recommended\n');
        for (const each of read.cases) assert.ok(runCase(each, recommended, NOW).passes, each.name);
        return;
      }
      const text = (block.startsWith('custom:') ? `version: 1\n${block}` : block).replace('approvals: {}', '');
      await policyOf(text);
    });
  }
});

test('docs/scripts.md has a row for everything that an entry can grant, and an example that is good', async () => {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../docs/scripts.md'), 'utf8');
  for (const grant of GRANTS) assert.ok(text.includes(`| \`${grant}\` |`), grant);
  const [, example = ''] = /^```yaml\n([^]*?)^```$/m.exec(text) ?? [];
  assert.equal(permittedScripts(await policyOf(example))('bufferutil', '4.1.0')[0]?.outputs?.join(), 'build');
});
