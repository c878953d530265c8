import { parseDuration } from '@lockseal/core';
import type { PolicyNode } from './document/policy-node.ts';
import { isPatternFault, parsePackagePattern, type PackagePattern } from './package-pattern.ts';

/** A piece of JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** One option of a rule: how it is read, what editors are told about it, and what it is where nobody sets it. */
export interface Option<Value> {
  readonly describe: string;
  readonly fallback: Value;
  readonly schema: JsonSchema;
  readonly read: (node: PolicyNode) => Value | undefined;
}

/** What an option is of: all but its words. */
type Kind<Value> = Pick<Option<Value>, 'schema' | 'read'>;

export function option<Value>(kind: Kind<Value>, fallback: Value, describe: string): Option<Value> {
  return { ...kind, fallback, describe };
}

const PATTERN_SCHEMA = {
  type: 'string',
  minLength: 1,
  maxLength: 512,
  description: 'name, @scope/name, @scope/* or **, with @range if need be',
};

const DURATION_HINT = 'Write P3D for three days, PT12H for twelve hours.';

/** Seconds, written as an ISO 8601 duration in weeks, days, hours, minutes and seconds: `P3D`, `PT12H`. */
export const duration: Kind<number> = {
  schema: { type: 'string', pattern: '^P(\\d+W|(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+S)?)?)$', examples: ['P3D', 'PT12H'] },
  read: (node) => {
    const text = node.text(DURATION_HINT);
    const seconds = text === undefined ? undefined : parseDuration(text);
    if (text === undefined || seconds !== undefined) return seconds;
    return node.report('bad-value', `is no duration: ${JSON.stringify(text)}`, DURATION_HINT);
  },
};

export const flag: Kind<boolean> = { schema: { type: 'boolean' }, read: (node) => node.flag() };

export function number(least: number, most: number): Kind<number> {
  return { schema: { type: 'number', minimum: least, maximum: most }, read: (node) => node.number(least, most) };
}

/** A list of some of these texts, or one of them. */
export function choices<const Choice extends string>(...all: readonly Choice[]): Kind<readonly Choice[]> {
  const one = { enum: all };
  return {
    schema: { anyOf: [one, { type: 'array', items: one }] },
    read: (node) => (node.isText ? [node] : node.list()).flatMap((item) => item.choice(...all) ?? []),
  };
}

export const patterns: Kind<readonly PackagePattern[]> = {
  schema: { anyOf: [PATTERN_SCHEMA, { type: 'array', items: PATTERN_SCHEMA }] },
  read: (node) => node.texts().flatMap(({ text, node: item }) => readPattern(text, item) ?? []),
};

export const patternSchema: JsonSchema = PATTERN_SCHEMA;

export function readPattern(text: string, node: PolicyNode): PackagePattern | undefined {
  const parsed = parsePackagePattern(text);
  return isPatternFault(parsed)
    ? node.report('bad-pattern', `${parsed.fault}: ${JSON.stringify(text)}`, parsed.hint)
    : parsed;
}

/** Base URLs of registries, http or https, with a trailing slash. */
export const registryUrls: Kind<readonly string[]> = {
  schema: { type: 'array', items: { type: 'string', pattern: '^https?://.*/$' } },
  read: (node) => node.texts().flatMap(({ text, node: item }) => readRegistryUrl(text, item) ?? []),
};

function readRegistryUrl(text: string, node: PolicyNode): string | undefined {
  const url = URL.parse(text);
  const isBase = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (isBase && url.href === text && text.endsWith('/')) return text;
  const hint = isBase ? `Write ${url.href.replace(/\/?$/, '/')}.` : 'Write https://registry.npmjs.org/.';
  return node.report('bad-value', `is no base URL of a registry: ${JSON.stringify(text)}`, hint);
}

const SHA256 = /^[0-9a-f]{64}$/;

export function sha256(node: PolicyNode): string | undefined {
  const text = node.text();
  if (text === undefined || SHA256.test(text)) return text;
  return node.report('bad-value', 'is no sha256 in lower-case hex', 'It has 64 characters, 0-9 and a-f.');
}

export const sha256Schema: JsonSchema = { type: 'string', pattern: SHA256.source };
