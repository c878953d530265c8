import type { Objection, Subject } from '../rules/rule.ts';
import type { PackagePattern } from '../package-pattern.ts';
import type { Place, RuleLevel } from '../policy.ts';
import type { CelFacts } from './facts.ts';
import type { Expression } from './expression.ts';

/** A rule that the project wrote: it objects to every package for which its expression is true. */
export interface CustomRule extends Place {
  readonly name: string;
  readonly level: RuleLevel;
  /** Packages that it looks at; empty: all. */
  readonly packages: readonly PackagePattern[];
  readonly when: Expression;
  readonly message: string;
  readonly fix: string | undefined;
}

/**
 * An expression that fails for a package objects to it: that it could not be judged is no pass.
 * @param factsOf the facts of the subject, for all custom rules made once
 */
export function judgeCustom(
  rule: CustomRule,
  { entry: { name, version } }: Subject,
  factsOf: () => CelFacts,
): readonly Objection[] {
  const { packages, when, message, fix } = rule;
  if (packages.length > 0 && !packages.some((pattern) => pattern.matches(name, version))) return [];
  try {
    return when.evaluate(factsOf()) ? [{ code: 'custom-rule', detail: message, found: when.text, fix }] : [];
  } catch (thrown) {
    const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    return [{ code: 'custom-rule', detail: `${message} (the expression fails: ${reason})`, found: when.text, fix }];
  }
}
