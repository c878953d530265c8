/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that does not reach the child, and why. Names are lower case, with `_` for `-`. */
interface HeldVariable {
  readonly variable: RegExp;
  readonly why: 'credential' | 'detour';
}

/**
 * `credential`: whoever has it can act for the user. `detour`: it tells a package manager where to connect or whom to
 * trust, which is the gate's to say.
 */
const HELD: readonly HeldVariable[] = [
  // npm and pnpm: `npm_config_//registry.example/:_authToken`, `NPM_CONFIG__AUTH`, `npm_config__password`, …
  {
    variable:
      /^p?npm_config_(?:\/\/|_*(?:auth|authtoken|password|username|email|otp|token|certfile|keyfile|cert|key)$)/,
    why: 'credential',
  },
  { variable: /^p?npm_config_.*_?auth_?token/, why: 'credential' },
  { variable: /^yarn_npm_auth/, why: 'credential' },
  { variable: /^bun_config_token$/, why: 'credential' },
  // By what such variables are called everywhere: NPM_TOKEN, NODE_AUTH_TOKEN, GITHUB_TOKEN, CI_JOB_TOKEN, AWS_SECRET_ACCESS_KEY, …
  {
    variable: /(?:^|_)(?:token|pat|secrets?|passwords?|passwd|passphrase|credentials?|auth|basic_auth)$/,
    why: 'credential',
  },
  { variable: /(?:^|_)(?:token|secret|password|passwd|passphrase|credentials?)_/, why: 'credential' },
  {
    variable: /(?:^|_)(?:api|access|private|secret|signing|encryption|account|auth|deploy|ssh)_?keys?(?:_id)?$/,
    why: 'credential',
  },
  { variable: /[a-z](?:token|secret|password|apikey)$/, why: 'credential' },
  // DOCKER_AUTH_CONFIG and CI_JOB_JWT_V2 of GitLab, AZURE_STORAGE_CONNECTION_STRING, MYSQL_PWD (but PWD is a folder).
  { variable: /(?:^|_)(?:jwt(?:_v\d+)?|auth_config|connection_string)$|^mysql_pwd$/, why: 'credential' },
  { variable: /^(?:ssh_auth_sock|ssh_agent_pid|git_askpass|ssh_askpass|netrc)$/, why: 'credential' },
  { variable: /^p?npm_config_(?:userconfig|globalconfig)$/, why: 'detour' },
  { variable: /^p?npm_config_(?:https?_proxy|proxy|no_?proxy|ca|cafile|strict_ssl|local_address)$/, why: 'detour' },
  {
    variable: /^yarn_(?:https?_proxy|https_ca_file_path|https_cert_file_path|https_key_file_path|enable_strict_ssl)$/,
    why: 'detour',
  },
  { variable: /^yarn_(?:network_settings|unsafe_http_whitelist|rc_filename|use_yarnrc|plugins)$/, why: 'detour' },
  { variable: /^(?:https?|all|no|ftp|socks)_proxy$/, why: 'detour' },
];

/** `https://user:password@host/`, in the value of any variable. */
const USER_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*@/i;

/** Put in place of what a configuration file names: some package managers refuse to start where it is unset. */
export const PLACEHOLDER = 'held-by-lockseal';

export interface HeldEnvironment {
  /** What is left for the child. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the credentials that were held back, sorted. */
  readonly held: readonly string[];
}

/**
 * The environment without credentials and without what would lead past the gate.
 * @param named variables that settings about credentials name, in files that the package manager reads
 * @param kept names that the user wants passed on all the same; detours are not among what can be kept
 */
export function holdVariables(
  env: Environment,
  named: ReadonlySet<string>,
  kept: ReadonlySet<string> = new Set(),
): HeldEnvironment {
  const left: Record<string, string> = {};
  const held: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const why = reasonToHold(name, value, named);
    if (why === undefined || (why === 'credential' && kept.has(name))) left[name] = value;
    else if (why === 'credential') held.push(name);
  }
  for (const name of named) left[name] ??= PLACEHOLDER;
  return { env: left, held: held.toSorted() };
}

function reasonToHold(name: string, value: string, named: ReadonlySet<string>): HeldVariable['why'] | undefined {
  const spelt = name.toLowerCase().replaceAll('-', '_');
  const found = HELD.find(({ variable }) => variable.test(spelt))?.why;
  if (found !== undefined) return found;
  return named.has(name) || USER_IN_URL.test(value) ? 'credential' : undefined;
}
