import type { PolicyNode } from '../document/policy-node.ts';
import { HOST, HTTPS_PORT, readHost } from '../document/read-install.ts';
import { duration, type JsonSchema } from '../options.ts';

/** What an allowed script may do beside running. Members that are not set are left out: an approval records them. */
export interface ScriptGrants {
  /** Hosts that it may reach, through the gate's proxy alone: `github.com`, `example.com:8443`. Not set: none. */
  readonly network?: readonly string[];
  /** Folders below its package's own that it may write to. Not set: its package's own folder. */
  readonly outputs?: readonly string[];
  /** Names of variables that it gets from the environment. */
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
  /** Bytes. */
  readonly memory?: number;
}

/** What holds where an entry sets nothing: ten minutes, and 4 GiB. */
export const DEFAULT_TIMEOUT = 600;
export const DEFAULT_MEMORY = 4 * 1024 ** 3;

export const GRANTS = ['network', 'outputs', 'env', 'timeout', 'memory'] as const;

/** A relative path in normal form: none of its parts is empty, `.`, `..` or node_modules, where other packages lie. */
const FOLDER = /^(?!(?:.*\/)?(?:\.{1,2}|node_modules)(?:\/|$))[\w.@+-]+(?:\/[\w.@+-]+)*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MEMORY = /^([1-9][0-9]{0,5})(MiB|GiB)$/;
const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3 };
const LONGEST_TIMEOUT = 86_400;
const MOST_ITEMS = 100;

const list = (pattern: string, description: string): JsonSchema => ({
  type: 'array',
  maxItems: MOST_ITEMS,
  items: { type: 'string', pattern },
  description,
});

export const grantSchemas: Readonly<Record<(typeof GRANTS)[number], JsonSchema>> = {
  network: list(HOST, 'Hosts that the script may reach, through the proxy of lockseal alone'),
  outputs: list(
    FOLDER.source,
    "Folders that the script may write to, below its package's own; left out: all of that folder",
  ),
  env: list(VARIABLE.source, 'Variables that the script gets from the environment'),
  timeout: { ...duration.schema, description: 'How long the script may run; left out: PT10M' },
  memory: { type: 'string', pattern: MEMORY.source, description: 'How much memory the script may use; left out: 4GiB' },
};

/** Reads what is there; what is wrong is reported, and left out. */
export function readGrants(members: ReadonlyMap<string, PolicyNode>): ScriptGrants {
  const network = readHosts(members.get('network'));
  const outputs = readTexts(members.get('outputs'), FOLDER, 'is no folder inside the package', 'Write build/Release.');
  const env = readTexts(members.get('env'), VARIABLE, 'is no name of a variable', 'Write CC, without $ or a value.');
  const timeout = readTimeout(members.get('timeout'));
  const memory = readMemory(members.get('memory'));
  return {
    ...(network && { network }),
    ...(outputs && { outputs }),
    ...(env && { env }),
    ...(timeout !== undefined && { timeout }),
    ...(memory !== undefined && { memory }),
  };
}

/** `host`, or `host:port` where it is not that of https; in lower case. */
function readHosts(node: PolicyNode | undefined): readonly string[] | undefined {
  return boundedList(node)?.flatMap((item) => {
    const text = item.text();
    const authority = text === undefined ? undefined : readHost(text, item);
    if (authority === undefined) return [];
    const { host, port } = authority;
    return [port === HTTPS_PORT ? host : `${host}:${port}`];
  });
}

function boundedList(node: PolicyNode | undefined): readonly PolicyNode[] | undefined {
  const items = node?.list() ?? [];
  if (items.length <= MOST_ITEMS) return node && items;
  return node?.report('too-large', `must have at most ${MOST_ITEMS} elements`);
}

function readTexts(
  node: PolicyNode | undefined,
  pattern: RegExp,
  fault: string,
  hint: string,
): readonly string[] | undefined {
  return boundedList(node)?.flatMap((item) => {
    const text = item.text();
    if (text === undefined || pattern.test(text)) return text ?? [];
    return item.report('bad-value', `${fault}: ${JSON.stringify(text)}`, hint) ?? [];
  });
}

function readTimeout(node: PolicyNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  const seconds = duration.read(node);
  if (seconds === undefined || (seconds > 0 && seconds <= LONGEST_TIMEOUT)) return seconds;
  return node.report('bad-value', 'must be longer than nothing and at most a day', 'Write PT30M for half an hour.');
}

function readMemory(node: PolicyNode | undefined): number | undefined {
  const hint = 'Write 512MiB or 8GiB.';
  const text = node?.text(hint);
  if (node === undefined || text === undefined) return undefined;
  const [, amount, unit = ''] = MEMORY.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS[unit] ?? 1);
  return node.report('bad-value', `is no amount of memory: ${JSON.stringify(text)}`, hint);
}
