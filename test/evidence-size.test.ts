// What evidence of real packages takes in a pack: publish attestations, provenance and version documents of npm.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PUBLIC_REGISTRY, type EvidenceSource, type RawAttestation } from '@lockseal/core';
import { idOf, PackSource, readPack, Recorder, trustLine, writePack } from '@lockseal/registry';
import { parseAttestations } from '../packages/registry/src/sources/attestations.ts';
import { parseVersionDocument } from '../packages/registry/src/sources/version-document.ts';
import { sharedCases } from './support/known-bundles.ts';
import { sharedDir } from './support/shared.ts';

/** The design's bound: bytes of the file for each package with all kinds of evidence. */
const MOST = 6000;
const REGISTRIES = { default: PUBLIC_REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] };

interface Attested {
  readonly name: string;
  readonly version: string;
  readonly attestations: readonly RawAttestation[];
}

/** Versions of which both the publish attestation and the provenance are there; of several copies the first. */
function attestedVersions(shared: string): Attested[] {
  const bySubject = new Map<string, Map<string, unknown>>();
  for (const { name: file, bundle } of sharedCases(shared)) {
    const statement = file.includes('#') ? statementIn(bundle) : undefined;
    const subject = statement?.subject?.[0]?.name;
    if (statement === undefined || subject === undefined || !subject.startsWith('pkg:npm/')) continue;
    const kind = statement.predicateType.includes('publish') ? 'publish' : 'provenance';
    const found = bySubject.get(subject) ?? new Map<string, unknown>();
    bySubject.set(subject, found);
    if (!found.has(kind)) found.set(kind, { predicateType: statement.predicateType, bundle });
  }
  return [...bySubject]
    .filter(([, found]) => found.size === 2)
    .map(([subject, found]) => {
      const [, name = '', version = ''] = /^pkg:npm\/(.+)@(.+)$/.exec(decodeURIComponent(subject)) ?? [];
      const answer = Buffer.from(JSON.stringify({ attestations: [...found.values()] }));
      return { name, version, attestations: parseAttestations(answer, subject) };
    });
}

function statementIn(bundle: unknown): { predicateType: string; subject?: { name: string }[] } | undefined {
  try {
    const { dsseEnvelope } = bundle as { readonly dsseEnvelope: { readonly payload: string } };
    return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
  } catch {
    // The corpus holds broken bundles, too.
    return undefined;
  }
}

/** Real version documents, each as the registry serves it. */
function versionDocuments(shared: string): { name: string; version: string }[] {
  const folder = path.join(shared, 'corpus/packuments');
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .flatMap((file) => {
      const { versions } = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
      return Object.values(
        (versions ?? {}) as Record<string, { name: string; version: string; dist?: { signatures?: unknown } }>,
      );
    })
    .filter(({ dist }) => dist?.signatures !== undefined);
}

test('real evidence takes at most 6,000 bytes a package, and comes back unchanged', async (t) => {
  const shared = sharedDir(t);
  if (shared === undefined) return;
  const attested = attestedVersions(shared);
  const documents = versionDocuments(shared);
  assert.ok(attested.length >= 8 && documents.length >= 8);
  const source = {
    versionDocument: async ({ name, version }) => {
      const index = attested.findIndex((each) => each.name === name && each.version === version);
      const document = documents[(index * 7) % documents.length];
      const bytes = Buffer.from(JSON.stringify({ ...document, name, version }));
      return { status: 'ok', value: parseVersionDocument(bytes, { name, version, namedRegistry: undefined }) };
    },
    attestations: async ({ name, version }) => {
      const found = attested.find((each) => each.name === name && each.version === version);
      return { status: 'ok', value: found?.attestations ?? [] };
    },
  } as Pick<EvidenceSource, 'versionDocument' | 'attestations'> as EvidenceSource;
  const sizeOf = async (versions: readonly Attested[]): Promise<number> => {
    const recorder = new Recorder(source, REGISTRIES);
    for (const { name, version } of versions) {
      await recorder.source.versionDocument({ name, version, namedRegistry: undefined });
      await recorder.source.attestations({ name, version, namedRegistry: undefined });
    }
    const root = trustLine({
      bytes: fs.readFileSync(path.join(shared, 'corpus/trust/trusted_root.json')),
      origin: 'tuf',
      asOf: undefined,
    });
    const written = writePack({ lockseal: ['0.0.0'], lines: new Map([...recorder.lines, [idOf(root), root]]) });
    const pack = readPack(written.bytes, written.sha256);
    const again = new PackSource({ pack, registries: REGISTRIES, isPinned: true, trustedKeys: { file: [], npm: [] } });
    for (const { name, version, attestations } of versions) {
      const answer = await again.attestations({ name, version, namedRegistry: undefined });
      assert.deepEqual(
        answer.status === 'ok' && answer.value.map(({ digest }) => digest),
        attestations.map(({ digest }) => digest),
      );
    }
    return written.bytes.length;
  };
  // What every pack has once, whatever the number of packages.
  const fixed = await sizeOf([]);
  const each = await Promise.all(attested.map(async (one) => (await sizeOf([one])) - fixed));
  const together = ((await sizeOf(attested)) - fixed) / attested.length;
  t.diagnostic(
    `${attested.length} versions: ${Math.round(together)} bytes each together; alone ${Math.min(...each)} to ${Math.max(...each)}; ${fixed} once`,
  );
  assert.ok(together <= MOST);
  for (const [index, bytes] of each.entries())
    assert.ok(bytes <= MOST, `${attested[index]?.name}@${attested[index]?.version}: ${bytes}`);
});
