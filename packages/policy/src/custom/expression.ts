import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { FACT_TYPES, type CelFacts } from './facts.ts';

/** A condition over the facts of one package. */
export interface Expression {
  readonly text: string;
  /** Whether it reads what only the registry's list of versions tells. */
  readonly needsHistory: boolean;
  /** @throws EvaluationError of the library, where the facts make an operation impossible */
  evaluate(facts: CelFacts): boolean;
}

export type ExpressionFault = { readonly fault: string; readonly offset: number };

const MAX_TEXT = 2000;
/** What an expression may be built of: with one loop at most in another, and lists of 100, it ends soon. */
const LIMITS = { maxAstNodes: 300, maxDepth: 24, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const MAX_LOOP_DEPTH = 2;

/** Parses and type-checks a CEL expression that must come to a bool. Whatever is wrong is told with its offset. */
export function parseExpression(text: string): Expression | ExpressionFault {
  if (text.length > MAX_TEXT) return { fault: `is longer than ${MAX_TEXT} characters`, offset: 0 };
  const environment = createEnvironment();
  const checked = environment.check(text);
  if (!checked.valid) return { fault: summaryOf(checked.error), offset: checked.error?.range?.start ?? 0 };
  if (checked.type !== 'bool')
    return { fault: `comes to ${checked.type ?? 'nothing'}, not to true or false`, offset: 0 };
  const parsed = environment.parse(text);
  const costly = findCostly(parsed.ast);
  if (costly !== undefined) return costly;
  return {
    text,
    needsHistory: /\bchange\b|\bageDays\b/.test(text),
    evaluate: (facts) => parsed({ ...facts }) === true,
  };
}

export function isExpressionFault(parsed: Expression | ExpressionFault): parsed is ExpressionFault {
  return 'fault' in parsed;
}

function createEnvironment(): Environment {
  const environment = new Environment({ limits: LIMITS });
  for (const [name, schema] of Object.entries(FACT_TYPES)) environment.registerVariable({ name, schema });
  environment.registerVariable('path', 'list<string>');
  return environment;
}

/** Regular expressions can take exponential time, and loops in loops multiply. */
function findCostly(node: ASTNode, loops = 0): ExpressionFault | undefined {
  const called = node.op === 'call' || node.op === 'rcall' ? node.args[0] : undefined;
  if (called === 'matches') {
    return {
      fault: 'uses matches(), whose time has no bound; use startsWith, endsWith or contains',
      offset: node.start,
    };
  }
  const depth = called !== undefined && LOOPS.has(called) ? loops + 1 : loops;
  if (depth > MAX_LOOP_DEPTH)
    return { fault: `has more than ${MAX_LOOP_DEPTH} loops in each other`, offset: node.start };
  for (const child of childrenOf(node.args)) {
    const found = findCostly(child, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  const isNode = typeof args === 'object' && args !== null && 'op' in args && 'args' in args;
  return isNode ? [args as ASTNode] : [];
}

function summaryOf(error: { readonly summary?: string; readonly message: string } | undefined): string {
  return error?.summary ?? error?.message.split('\n')[0] ?? 'cannot be read';
}
