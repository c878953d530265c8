import { IDENTITY_FIELDS } from '@lockseal/core';
import { patternSchema, sha256Schema, duration, registryUrls, type JsonSchema } from './options.ts';
import { installSchema } from './document/read-install.ts';
import { PRESET_NAMES } from './presets.ts';
import type { Rule } from './rules/rule.ts';
import { RULES } from './rules/table.ts';

/** Where editors find it, and the name under which it is published. */
export const SCHEMA_ID = 'https://lockseal.dev/schema/policy/v1';

const LEVEL = { enum: ['error', 'warn', 'note', 'off'] };
const TEXT = { type: 'string', minLength: 1, maxLength: 4096 };
const PATTERNS = { anyOf: [patternSchema, { type: 'array', items: patternSchema }] };
const MATCHER = {
  anyOf: [TEXT, { type: 'object', additionalProperties: false, required: ['pattern'], properties: { pattern: TEXT } }],
};

/** JSON Schema (2020-12) of a policy file, made from what the reader itself reads. */
export function policySchema(): JsonSchema {
  const rules = closed(Object.fromEntries(RULES.map((rule) => [rule.name, ruleSchema(rule)])));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'lockseal policy',
    description: 'What a project accepts in its lockfile. See docs/policy.md.',
    ...closed(
      {
        version: { const: 1 },
        extends: { anyOf: [extended(), { type: 'array', items: extended() }] },
        registries: { ...registryUrls.schema, description: 'Base URLs from which packages may come.' },
        trust: trustSchema(),
        rules: { ...rules, description: 'How bad each kind of finding is, and what the rules look at.' },
        overrides: listOf(
          closed({ packages: PATTERNS, rules }, ['packages', 'rules']),
          'Other rules for some packages.',
        ),
        identities: identitiesSchema(),
        custom: listOf(customSchema(), 'Rules of your own, in CEL.'),
        longestWaiver: { ...duration.schema, description: 'How long a waiver may last from today; default: P90D.' },
        waivers: listOf(waiverSchema(), 'Exceptions that end by themselves.'),
        approvals: { type: 'object', description: 'Who may approve lockfiles. See docs/statement-format.md.' },
        install: installSchema,
      },
      ['version'],
    ),
  };
}

function ruleSchema({ describe, codes, options }: Rule): JsonSchema {
  const levels = closed(Object.fromEntries(codes.map((code) => [code, LEVEL])));
  const own = Object.entries(options).map(([name, option]) => [
    name,
    { ...option.schema, description: option.describe },
  ]);
  const setting = closed({ level: LEVEL, levels, ...(Object.fromEntries(own) as JsonSchema) });
  return { description: describe, anyOf: [LEVEL, setting] };
}

function extended(): JsonSchema {
  return { anyOf: [{ enum: PRESET_NAMES }, TEXT], description: 'A preset, a path, or an installed package.' };
}

function trustSchema(): JsonSchema {
  const origin = { enum: ['tuf', 'embedded', 'file'] };
  return {
    ...closed({
      roots: { type: 'array', items: sha256Schema },
      origins: { anyOf: [origin, { type: 'array', items: origin }] },
      maxAge: duration.schema,
    }),
    description: 'What the trusted root must be.',
  };
}

function identitiesSchema(): JsonSchema {
  const identity = closed(Object.fromEntries(IDENTITY_FIELDS.map((field) => [field, MATCHER])), ['issuer']);
  return {
    type: 'object',
    propertyNames: patternSchema,
    additionalProperties: { anyOf: [identity, { type: 'array', items: identity }] },
    description: 'By whom packages must have been built: exact texts, or {pattern: ^…$}.',
  };
}

function customSchema(): JsonSchema {
  return closed({ name: TEXT, level: LEVEL, packages: PATTERNS, when: TEXT, message: TEXT, fix: TEXT }, [
    'name',
    'when',
    'message',
  ]);
}

function waiverSchema(): JsonSchema {
  const expires = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$' };
  const members = { package: patternSchema, rule: TEXT, reason: TEXT, who: TEXT, expires };
  return closed(members, Object.keys(members));
}

function closed(properties: JsonSchema, required: readonly string[] = []): JsonSchema {
  const needed = required.length === 0 ? {} : { required };
  return { type: 'object', additionalProperties: false, ...needed, properties };
}

function listOf(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', items, description };
}
