import { isNativeError } from 'node:util/types';
import { createContext, Script } from 'node:vm';
import { parse, type AnyNode, type Options } from 'acorn';

/** What a file of JavaScript asks for; `unparsed` says why that is not known. */
export type ParsedCode =
  | { readonly modules: readonly string[]; readonly unparsed: undefined }
  | { readonly modules: undefined; readonly unparsed: string };

/** Modules of Node for network, processes and files, and those that lead to all others. */
const WATCHED: ReadonlySet<string> = new Set(
  `child_process cluster dgram dns dns/promises fs fs/promises http http2 https inspector inspector/promises module net
  process repl tls v8 vm wasi worker_threads`.split(/\s+/),
);
/** Stands for a module whose name the code computes. */
const COMPUTED = '(a computed name)';

/** As lenient as Node and bundlers are together: the one set of options under which most published code parses. */
const LENIENT: Options = {
  ecmaVersion: 'latest',
  sourceType: 'script',
  allowHashBang: true,
  allowReturnOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
};
/** Where `await` is a name. */
const SLOPPY: Options = { ...LENIENT, allowAwaitOutsideFunction: false };

/** Tells which of the watched modules a text imports or requires, sorted, within so many milliseconds. */
export type CodeParser = (text: string, milliseconds: number) => ParsedCode;

/** A parser for many files; nothing of them is executed. */
export function createCodeParser(): CodeParser {
  const bounded = createWatchdog();
  return (text, milliseconds) => {
    try {
      return { modules: bounded(() => modulesIn(text), milliseconds), unparsed: undefined };
    } catch (thrown) {
      return { modules: undefined, unparsed: reasonFor(thrown) };
    }
  };
}

function modulesIn(text: string): readonly string[] {
  const found = new Set<string>();
  // A list of its own instead of recursion: how deep a program is nested is up to whoever wrote it.
  const waiting: unknown[] = [parseLeniently(text)];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    const name = 'type' in node ? moduleOf(node as AnyNode) : undefined;
    if (name !== undefined) found.add(name);
    for (const child of Object.values(node)) if (typeof child === 'object') waiting.push(child);
  }
  return [...found].sort();
}

function parseLeniently(text: string): AnyNode {
  try {
    return parse(text, LENIENT);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return parse(text, SLOPPY);
  }
}

/** The watched module that a node names, if it names one. */
function moduleOf(node: AnyNode): string | undefined {
  if (node.type === 'CallExpression') return isRequire(node.callee) ? watched(node.arguments[0]) : undefined;
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return watched(node.source);
  if (node.type === 'ImportExpression') return watched(node.source);
  return node.type === 'ExportNamedDeclaration' && node.source ? watched(node.source) : undefined;
}

/** `require`, `module.require`, `process.getBuiltinModule`. */
function isRequire(callee: AnyNode): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require';
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  return !callee.computed && (callee.property.name === 'require' || callee.property.name === 'getBuiltinModule');
}

function watched(name: AnyNode | undefined): string | undefined {
  if (name === undefined) return undefined;
  const text = textOf(name);
  if (text === undefined) return COMPUTED;
  const bare = text.replace(/^node:/, '');
  return WATCHED.has(bare) ? bare : undefined;
}

function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return String(node.value);
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/**
 * Ends a synchronous task that takes too long, as `node:vm` does: the script that runs is ours and only calls the task,
 * which never executes what it parses.
 */
function createWatchdog(): <T>(task: () => T, milliseconds: number) => T {
  const scope = { run: (): void => undefined };
  const context = createContext(scope);
  const script = new Script('run()');
  return <T>(task: () => T, milliseconds: number): T => {
    let result: { readonly value: T } | undefined;
    scope.run = () => void (result = { value: task() });
    script.runInContext(context, { timeout: milliseconds });
    if (result === undefined) throw new Error('it was not parsed');
    return result.value;
  };
}

/** Errors may be of the other context, where they are instances of other classes. */
function reasonFor(thrown: unknown): string {
  if (!isNativeError(thrown)) throw thrown;
  if ('code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'it takes too long to parse';
  if (thrown.name === 'RangeError') return 'it is nested too deeply';
  return `it is no JavaScript that can be parsed: ${thrown.message}`;
}
