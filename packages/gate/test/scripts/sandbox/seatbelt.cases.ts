// The text alone: nobody has tried it on a Mac.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seatbeltProfile } from '../../../src/scripts/sandbox/seatbelt.ts';

const plan = {
  readable: ['/p/node_modules'],
  writable: ['/p/node_modules/a'],
  kept: ['/p/node_modules/a/node_modules'],
};

describe('the profile for sandbox-exec', () => {
  const lines = seatbeltProfile({ ...plan, proxyPort: undefined }).split('\n');

  test('denies what it does not allow, first of all', () => {
    assert.deepEqual(lines.slice(0, 2), ['(version 1)', '(deny default)']);
  });

  test('lets it write to its folder, and not to packages in there: the last rule counts', () => {
    const writes = lines.filter((line) => line.includes('file-write*'));
    assert.equal(writes.length, 2);
    assert.match(writes[0] ?? '', /^\(allow file-write\* \(subpath "\/p\/node_modules\/a"\) \(literal "\/dev\/null"\)/);
    assert.equal(writes[1], '(deny file-write* (subpath "/p/node_modules/a/node_modules"))');
  });

  test('no network, or that of the proxy alone', () => {
    assert.ok(!lines.some((line) => line.includes('network')));
    const open = seatbeltProfile({ ...plan, proxyPort: 8080 });
    assert.equal(open.match(/network.*/g)?.join(), 'network-outbound (remote ip "localhost:8080"))');
  });

  test('a folder cannot say more than its name', () => {
    const text = seatbeltProfile({ ...plan, readable: ['/a") (allow default) ("\\'], proxyPort: undefined });
    assert.ok(text.includes('(subpath "/a\\") (allow default) (\\"\\\\")'));
  });

  test('without packages inside nothing is taken back', () => {
    assert.ok(!seatbeltProfile({ ...plan, kept: [], proxyPort: undefined }).includes('(deny file-write*'));
  });
});
