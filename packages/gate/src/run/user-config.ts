// A user's configuration files without what the child must not have: credentials, and where to connect otherwise.

/** In npm's and Yarn 1's files, by key: credentials, proxies, certificates. */
const HELD_KEY =
  /^(?:\/\/|_|.*(?:auth|token|password|secret)|username|email|otp|cert|key|certfile|keyfile|ca|cafile|(?:https?-)?proxy|no-?proxy|strict-ssl)/i;
/** The same in Yarn's and pnpm's YAML, and bun's TOML, at the beginning of any line. */
const HELD_NAME =
  /(?:auth|token|password|secret|ident\b|username|https?-?proxy|no-?proxy|ca-?file|cert-?file|key-?file|networkSettings|strict-?ssl)/i;
const USER_IN_URL = /:\/\/[^/?#\s"']*@/;

/** Text of an `.npmrc`, of pnpm's `rc` or of a `.yarnrc`. */
export function npmrcWithoutSecrets(text: string): string {
  return linesOf(text)
    .filter((line) => !HELD_KEY.test(keyOf(line)) && !USER_IN_URL.test(line))
    .join('\n');
}

/** Text of a `bunfig.toml`. A line is kept or left out whole: where it names registry and token, both go. */
export function tomlWithoutSecrets(text: string): string {
  return linesOf(text)
    .filter((line) => !HELD_NAME.test(line) && !USER_IN_URL.test(line))
    .join('\n');
}

/**
 * Text of a `.yarnrc.yml` or of pnpm's `config.yaml`. Of a table at the top only the lines without secrets are kept; one
 * that is written in braces, and one whose own name is held, goes as a whole.
 */
export function yamlWithoutSecrets(text: string): string {
  const blocks: string[][] = [];
  for (const line of linesOf(text)) {
    if (/^\S/.test(line) || blocks.length === 0) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  return blocks
    .flatMap(([head = '', ...rest]) => {
      const isHeld = (line: string): boolean => HELD_NAME.test(line) || USER_IN_URL.test(line);
      if (isHeld(head)) return [];
      const left = rest.filter((line) => !isHeld(line));
      return rest.some((line) => isHeld(line) && /[{}[\]|>]/.test(line)) ? [] : [head, ...left];
    })
    .join('\n');
}

/** Names of the variables that settings about credentials mention: `//host/:_authToken=${NAME}`, `npmAuthToken: "${NAME:-}"`. */
export function variablesOfSecrets(text: string): readonly string[] {
  const lines = linesOf(text).filter((line) => /auth|token|password|ident\b/i.test(line));
  return lines.flatMap((line) => [...line.matchAll(/\$\{([A-Za-z_]\w*)[^}]*\}/g)].map(([, name = '']) => name));
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/);
}

/** `key=value` and `key "value"`. */
function keyOf(line: string): string {
  return /^\s*"?([^=\s"]+)/.exec(line)?.[1] ?? '';
}
