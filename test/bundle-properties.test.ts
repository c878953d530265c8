// Properties that hold for every bundle, however it is damaged.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import {
  attestationKeys,
  createBundleVerifier,
  parseTrustedRoot,
  type BundleKey,
  type BundleVerifier,
} from '@lockseal/core';
import { createSigstore, type BundleJson, type SigstoreBox } from '@lockseal/testkit';
import { readKeysTarget, rootBytes, stockRefusal } from './support/bundles.ts';

const artifact = { name: '@acme/widgets', version: '1.2.3', sha512: 'ab'.repeat(64) };

let box: SigstoreBox;
let keys: readonly BundleKey[];
let verifier: BundleVerifier;
let genuine: readonly BundleJson[];

before(async () => {
  box = await createSigstore();
  const registryKey = box.addRegistryKey();
  keys = attestationKeys(readKeysTarget(box.keysTarget()));
  verifier = createBundleVerifier(parseTrustedRoot(rootBytes(box)), keys);
  genuine = [
    box.provenance(artifact),
    box.provenance({ ...artifact, bundleVersion: '0.1', log: 'rekor-v1-intoto' }),
    box.provenance({ ...artifact, log: 'rekor-v2' }),
    box.publishAttestation({ ...artifact, registryKey }),
  ];
});

/** Replaces the member at a path of choices, each taken modulo what there is; returns whether anything changed. */
function damage(bundle: BundleJson, choices: readonly number[], value: unknown): unknown {
  const copy: unknown = structuredClone(bundle);
  let node = copy as Record<string, unknown>;
  for (const [depth, choice] of choices.entries()) {
    const names = Object.keys(node);
    const name = names[choice % names.length] ?? '';
    const child = node[name];
    if (
      depth === choices.length - 1 ||
      typeof child !== 'object' ||
      child === null ||
      Object.keys(child).length === 0
    ) {
      node[name] = value === 'flip' && typeof child === 'string' ? flip(child, choice) : value;
      break;
    }
    node = child as Record<string, unknown>;
  }
  return copy;
}

function flip(text: string, choice: number): string {
  const index = choice % Math.max(text.length, 1);
  return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
}

const choices = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 7 });
const value = fc.oneof(
  { weight: 5, arbitrary: fc.constant('flip') },
  fc.jsonValue(),
  fc.constantFrom(undefined, null, [], {}, '', '0', -1, 2 ** 53, [[]], 'AAAA', { rawBytes: 'AAAA' }),
);

test('a damaged bundle gets a verdict with a reason, never an exception; what we accept @sigstore/verify accepts', () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 }), choices, value, (which, path, replacement) => {
      const bundle = genuine[which];
      assert.ok(bundle);
      const damaged = damage(bundle, path, replacement);
      const verdict = verifier.verify(damaged);
      if (verdict.status === 'invalid')
        return assert.ok(verdict.reason.length > 10 && !verdict.reason.includes('[object'));
      assert.equal(stockRefusal(damaged, box.trustedRoot, keys), undefined);
      const { content } = verdict;
      assert.ok(content.kind === 'dsse');
      assert.equal(Buffer.from(content.payload).toString('base64'), bundle.dsseEnvelope?.payload);
    }),
    { numRuns: 400 },
  );
});

test('anything that is no bundle is not well-formed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (anything) => {
      const verdict = verifier.verify(anything);
      assert.ok(verdict.status === 'invalid' && verdict.fault === 'malformed', JSON.stringify(verdict));
    }),
    { numRuns: 500 },
  );
});

test('a bundle verifies again and again: verifying changes nothing', () => {
  for (const bundle of genuine) {
    const text = JSON.stringify(bundle);
    const [first, second] = [verifier.verify(bundle), verifier.verify(bundle)];
    assert.equal(first.status, 'verified');
    assert.deepEqual(first, second);
    assert.equal(JSON.stringify(bundle), text);
  }
});
