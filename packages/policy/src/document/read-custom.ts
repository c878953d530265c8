import type { CustomRule } from '../custom/custom-rule.ts';
import { isExpressionFault, parseExpression } from '../custom/expression.ts';
import { FACT_TYPES } from '../custom/facts.ts';
import { patterns } from '../options.ts';
import { RULE_NAMES } from '../rules/table.ts';
import type { PolicyNode } from './policy-node.ts';
import { placeOf, required } from './read-sections.ts';
import { nearest } from './suggest.ts';

export function readCustom(node: PolicyNode): CustomRule | undefined {
  const members = node.known('name', 'level', 'packages', 'when', 'message', 'fix');
  const name = required(node, members, 'name')?.text();
  const when = required(node, members, 'when');
  const message = required(node, members, 'message')?.text();
  const expression = when === undefined ? undefined : readExpression(when);
  const packages = members.get('packages');
  if (name !== undefined && RULE_NAMES.includes(name)) {
    return node.report('bad-value', `has the name of a built-in rule: ${name}`, 'Choose another name.');
  }
  if (name === undefined || message === undefined || expression === undefined) return undefined;
  return {
    name,
    level: members.get('level')?.choice('error', 'warn', 'note', 'off') ?? 'error',
    packages: (packages && patterns.read(packages)) ?? [],
    when: expression,
    message,
    fix: members.get('fix')?.text(),
    ...placeOf(node),
  };
}

function readExpression(node: PolicyNode): CustomRule['when'] | undefined {
  const text = node.text();
  if (text === undefined) return undefined;
  const parsed = parseExpression(text);
  if (!isExpressionFault(parsed)) return parsed;
  return node.report(
    'bad-expression',
    `at character ${parsed.offset + 1}: ${parsed.fault}`,
    expressionHint(parsed.fault),
  );
}

const FACT_NAMES = Object.values(FACT_TYPES).flatMap((members) => Object.keys(members));

/** The library tells which member there is not, and nothing else that has a nearest one. */
function expressionHint(fault: string): string {
  const near = nearest(/^No such key: (\w+)$/.exec(fault)?.[1] ?? '', FACT_NAMES);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  return 'Variables: pkg, evidence, identity, change, path; see docs/policy.md, "Custom rules".';
}
