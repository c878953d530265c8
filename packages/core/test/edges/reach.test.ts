import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reachOf } from '../../src/edges/reach.ts';
import { edge, entry, lockfile } from './support/make.ts';

describe('how a project comes to an entry', () => {
  const graph = lockfile(
    [edge('a', '1', 'a@1.0.0'), edge('d', '1', 'd@1.0.0', 'dev'), edge('o', '1', 'o@1.0.0', 'optional')],
    [
      entry('a@1.0.0', { edges: [edge('b', '1', 'b@1.0.0'), edge('p', '1', 'p@1.0.0', 'peer')] }),
      entry('b@1.0.0', { edges: [edge('a', '1', 'a@1.0.0'), edge('x', '1', 'x@1.0.0', 'optional')] }),
      entry('p@1.0.0', { edges: [edge('q', '1', 'q@1.0.0', 'optional-peer')] }),
      entry('q@1.0.0'),
      entry('x@1.0.0', { edges: [edge('y', '1', 'y@1.0.0')] }),
      entry('y@1.0.0'),
      entry('d@1.0.0', { edges: [edge('b', '1', 'b@1.0.0'), edge('e', '1', 'e@1.0.0')] }),
      entry('e@1.0.0', { edges: [edge('gone', '1', ''), edge('w', '1', '!packages/w')] }),
      entry('o@1.0.0', { edges: [edge('y', '1', 'y@1.0.0')] }),
      entry('n@1.0.0', { edges: [edge('a', '1', 'a@1.0.0')] }),
      entry('in-a', { source: { type: 'bundled', parent: 'a@1.0.0' } }),
      entry('in-d', { source: { type: 'bundled', parent: 'd@1.0.0' }, edges: [edge('z', '1', 'z@1.0.0')] }),
      entry('z@1.0.0'),
      entry('in-nothing', { source: { type: 'bundled', parent: undefined } }),
      entry('patched', { source: { type: 'patched', inner: 'inner@1.0.0' } }),
      entry('inner@1.0.0'),
    ],
  );
  const { importers } = graph;
  const workspace = { path: 'packages/w', edges: [edge('patched', '1', 'patched')], position: undefined };
  const reach = reachOf({ ...graph, importers: [...importers, workspace] });

  for (const [id, kind, why] of [
    ['a@1.0.0', 'prod', 'the root asks for it'],
    ['b@1.0.0', 'prod', 'through what the root asks for, though a dev dependency needs it, too'],
    ['p@1.0.0', 'prod', 'as a peer'],
    ['q@1.0.0', 'prod', 'as an optional peer that is there'],
    ['x@1.0.0', 'optional', 'only if it can be had'],
    ['y@1.0.0', 'optional', 'behind optional edges alone'],
    ['o@1.0.0', 'optional', 'optionally of the root'],
    ['d@1.0.0', 'dev', 'for development'],
    ['e@1.0.0', 'dev', 'behind a dev dependency, whatever the edge'],
    ['n@1.0.0', 'none', 'from nowhere, though it leads elsewhere'],
    ['in-a', 'prod', 'in the tarball of its parent'],
    ['in-d', 'dev', 'in the tarball of a dev dependency'],
    ['z@1.0.0', 'dev', 'from what that tarball bundles'],
    ['in-nothing', 'none', 'bundled by nobody knows what'],
    ['patched', 'prod', 'of a workspace'],
    ['inner@1.0.0', 'prod', 'under a patch'],
    ['unknown', 'none', 'not locked'],
  ] as const) {
    test(`${id}: ${kind}, ${why}`, () => assert.equal(reach(id).kind, kind));
  }

  for (const [id, direct] of [
    ['a@1.0.0', true],
    ['d@1.0.0', true],
    ['o@1.0.0', true],
    ['patched', true],
    ['b@1.0.0', false],
    ['inner@1.0.0', false],
    ['n@1.0.0', false],
  ] as const) {
    test(`${id} is ${direct ? '' : 'not '}asked for by the project itself`, () =>
      assert.equal(reach(id).direct, direct));
  }

  test('without importers nothing is reached', () => {
    const none = reachOf({ ...graph, importers: [] });
    assert.deepEqual(none('a@1.0.0'), { direct: false, kind: 'none' });
  });
});
