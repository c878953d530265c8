import { mergeRules } from './load-policy.ts';
import { indexPatterns } from './pattern-index.ts';
import type { Policy } from './policy.ts';
import { allowedIn, installScripts } from './rules/install-scripts.ts';
import { DEFAULT_MEMORY, DEFAULT_TIMEOUT } from './rules/script-grants.ts';

/** Leave to run a package's install scripts, and what they may do: nothing is left open. */
export interface PermittedScript {
  /** Of all its install scripts, as evidence has it; undefined where the commit of a git dependency is named instead. */
  readonly sha256: string | undefined;
  readonly commit: string | undefined;
  readonly network: readonly string[];
  /** undefined: the whole folder of the package. */
  readonly outputs: readonly string[] | undefined;
  readonly env: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  /** Bytes. */
  readonly memory: number;
}

/** What a policy permits of the install scripts of a package, by its real name. */
export type PermitsFor = (name: string, version: string | undefined) => readonly PermittedScript[];

/**
 * Who may run scripts when they are installed, whatever the level of the rule: what is not listed is not permitted.
 * Overrides count as they do where packages are judged.
 */
export function permittedScripts(policy: Policy): PermitsFor {
  const overridesOf = indexPatterns(policy.overrides, ({ packages }) => packages);
  return (name, version) => {
    const rules = overridesOf(name, version)
      .map((override) => override.rules)
      .reduce(mergeRules, policy.rules);
    return allowedIn(rules.get(installScripts.name))
      .filter((allowed) => allowed.package.matches(name, version))
      .map(({ sha256, commit, network = [], outputs, env = [], timeout, memory }) => ({
        sha256,
        commit,
        network,
        outputs,
        env,
        timeout: timeout ?? DEFAULT_TIMEOUT,
        memory: memory ?? DEFAULT_MEMORY,
      }));
  };
}
