import assert from 'node:assert/strict';
import { LocksealError, type EntryClass, type ErrorCode, type Lockfile } from '@lockseal/core';
import { decodeLockfile, type LockfileText } from '../../src/text.ts';

/** A lockfile from text, or from a value that is written as JSON. */
export function lockfileText(content: unknown, path = 'some.lock'): LockfileText {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return decodeLockfile(path, new TextEncoder().encode(text));
}

/** How many entries there are of each class. */
export function classCounts(lockfile: Lockfile): Partial<Record<EntryClass, number>> {
  const counts: Partial<Record<EntryClass, number>> = {};
  for (const { source } of lockfile.entries) counts[source.type] = (counts[source.type] ?? 0) + 1;
  return counts;
}

/** What is true of every Lockfile, whatever it was read from. */
export function assertCoherent(lockfile: Lockfile): void {
  const ids = new Set(lockfile.entries.map((entry) => entry.id));
  assert.equal(ids.size, lockfile.entries.length, 'entry ids are unique');
  for (const { edges } of [...lockfile.entries, ...lockfile.importers]) {
    for (const { name, target } of edges) {
      if (target.type === 'entry') assert.ok(ids.has(target.id), `${name} leads to ${target.id}, which is no entry`);
    }
  }
  for (const [descriptor, id] of lockfile.descriptors) assert.ok(ids.has(id), `${descriptor} leads to no entry`);
  for (const entry of lockfile.entries) {
    assert.ok(!entry.aliases.includes(entry.name), `${entry.id} is no alias of itself`);
    if (entry.source.type === 'bundled') assert.ok(ids.has(entry.source.parent ?? ''), `${entry.id} has a parent`);
  }
}

/** Asserts that the call throws a LocksealError of this code. */
export function assertRefused(read: () => unknown, code: ErrorCode): void {
  assert.throws(read, (thrown) => {
    assert.ok(thrown instanceof LocksealError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.notEqual(thrown.details.file, undefined, 'the error names the file');
    return true;
  });
}
