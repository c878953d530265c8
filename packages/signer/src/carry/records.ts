import { deflateSync, inflateSync } from 'node:zlib';
import { canonicalize, JsonNode, parseStrictJson, ShapeError, type Json } from '@lockseal/core';
import { MAX_LIST, MAX_TEXT } from '../statement/read-members.ts';
import type { ApprovedRequirements, PackageRecord } from '../statement/types.ts';

/** More than the manifests of any project's packages ask for; less than would hurt. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Records as one text: base64 of the zlib stream (RFC 1950) of their canonical JSON. They are as long as all else that a
 * statement says, and whoever enforces it needs none of them.
 */
export function encodeRecords(records: readonly (PackageRecord | null)[]): string {
  return deflateSync(canonicalize(records as unknown as Json), { level: 9 }).toString('base64');
}

/** @param count of packages, each of which has one @throws ShapeError */
export function decodeRecords(node: JsonNode, count: number): readonly (PackageRecord | null)[] {
  const records = new JsonNode(parseStrictJson(inflate(node)), node.path).list(MAX_LIST);
  if (records.length !== count) throw new ShapeError(node.path, `are ${records.length}, for ${count} packages`);
  return records.map((record) => (record.value === null ? null : readRecord(record)));
}

function inflate(node: JsonNode): Uint8Array {
  try {
    return inflateSync(node.bytes(MAX_BYTES), { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    if (cause instanceof ShapeError) throw cause;
    throw new ShapeError(node.path, 'are no zlib stream, or too large a one');
  }
}

function readRecord(node: JsonNode): PackageRecord {
  const reach = readTexts(node, 'reach');
  return { requires: readRequirements(node.member('requires')), ...(reach === undefined ? {} : { reach }) };
}

function readRequirements(node: JsonNode): ApprovedRequirements {
  const tables = (['dependencies', 'optionalDependencies', 'peerDependencies'] as const).map((name) => {
    const table = node.optional(name);
    return table === undefined ? {} : { [name]: readTable(table) };
  });
  const lists = (['optionalPeers', 'bundleDependencies'] as const).map((name) => {
    const list = readTexts(node, name);
    return list === undefined ? {} : { [name]: list };
  });
  const usesGyp = node.optional('usesGyp')?.value;
  if (usesGyp !== undefined && usesGyp !== true) throw new ShapeError(`${node.path}.usesGyp`, 'is not true');
  return Object.assign({}, ...tables, ...lists, usesGyp === undefined ? {} : { usesGyp }) as ApprovedRequirements;
}

/** Name to specifier, which may be empty; the names are anybody's. */
function readTable(node: JsonNode): Readonly<Record<string, string>> {
  const names = node.keys();
  if (names.length > MAX_LIST) throw new ShapeError(node.path, `has more than ${MAX_LIST} members`);
  return Object.fromEntries(names.map((name) => [name, node.member(name).text(MAX_TEXT)]));
}

function readTexts(node: JsonNode, name: string): readonly string[] | undefined {
  const list = node.optional(name)?.list(MAX_LIST);
  return list?.map((each) => each.text(MAX_TEXT));
}
