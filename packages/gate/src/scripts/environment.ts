import path from 'node:path';
import type { ApprovedScripts } from './model.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What scripts get of the caller's environment without being named by a policy: how to speak and count time. */
const KEPT = ['LANG', 'LANGUAGE', 'TZ', 'TERM', 'NO_COLOR', 'FORCE_COLOR', 'CI'] as const;
const KEPT_FAMILY = /^LC_[A-Z]+$/;
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export interface ScriptSurroundings {
  /** The caller's environment. */
  readonly env: Environment;
  /** Root of the project, as npm tells scripts in INIT_CWD. */
  readonly root: string;
  /** The Node that runs scripts: absolute path. */
  readonly node: string;
  /** Folder of Node's headers, so that node-gyp need not fetch them. */
  readonly nodeDirectory: string | undefined;
  readonly home: string;
  readonly temporary: string;
  /** `http://127.0.0.1:3128`; undefined: no network. */
  readonly proxy: string | undefined;
  /** PEM of all authorities to trust, the proxy's among them: absolute path. */
  readonly certificates: string | undefined;
  /** Yarn's map, which is loaded before all else: absolute path; undefined: modules are found in folders. */
  readonly pnpMap: string | undefined;
}

/**
 * The environment of a script: an allow-list. Variables of the caller that are not on it become undefined, so that they are
 * taken away where a library adds the environment of this very process.
 */
export function scriptEnvironment(
  { permit }: Pick<ApprovedScripts, 'permit'>,
  surroundings: ScriptSurroundings,
  inherited: Environment,
): Record<string, string | undefined> {
  const { env, root, node, nodeDirectory, home, temporary, proxy, certificates, pnpMap } = surroundings;
  const removed = Object.keys(inherited).map((name) => [name, undefined] as const);
  const kept = Object.entries(env).filter(([name]) => isKept(name) || permit.env.includes(name));
  return {
    ...Object.fromEntries(removed),
    ...Object.fromEntries(kept),
    PATH: [path.dirname(node), ...SYSTEM_PATH].join(':'),
    HOME: home,
    TMPDIR: temporary,
    SHELL: '/bin/sh',
    USER: 'lockseal',
    LOGNAME: 'lockseal',
    INIT_CWD: root,
    NODE: node,
    npm_node_execpath: node,
    npm_command: 'install',
    ...(nodeDirectory === undefined ? {} : { npm_config_nodedir: nodeDirectory }),
    ...(proxy === undefined ? {} : proxyVariables(proxy)),
    ...(pnpMap === undefined ? {} : { NODE_OPTIONS: `--require ${JSON.stringify(pnpMap)}` }),
    ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates, SSL_CERT_FILE: certificates }),
  };
}

function isKept(name: string): boolean {
  return (KEPT as readonly string[]).includes(name) || KEPT_FAMILY.test(name);
}

/** As curl, wget, npm, node-gyp and the downloaders of binaries look for one; Node itself from 24 on. */
function proxyVariables(proxy: string): Record<string, string> {
  const names = [
    'http_proxy',
    'https_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'npm_config_proxy',
    'npm_config_https_proxy',
  ];
  const proxies = Object.fromEntries(names.map((name) => [name, proxy]));
  // npm would ask whether there is a newer npm, which nobody locked.
  return { ...proxies, NODE_USE_ENV_PROXY: '1', npm_config_update_notifier: 'false' };
}
