// What GitHub's runner tells a step, decoded once.
// https://docs.github.com/actions/reference/workflows-and-actions/variables
import path from 'node:path';
import { ActionError } from './action-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Plain JSON of unknown shape. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface Runner {
  /** `push`, `pull_request`… */
  readonly eventName: string;
  /** `refs/heads/main`, `refs/tags/v1.0.0`, `refs/pull/7/merge`… */
  readonly ref: string;
  /** The commit that the run is about, 40 or 64 hex digits. */
  readonly commit: string;
  /** `owner/name`. */
  readonly repository: string;
  /** `https://github.com`. */
  readonly serverUrl: string;
  /** `https://api.github.com`. */
  readonly apiUrl: string;
  /** Absolute path of the checkout. */
  readonly workspace: string;
  /** Absolute path of a folder for temporary files. */
  readonly temp: string;
  /** Absolute paths of the files that a step writes to; undefined where the runner names none. */
  readonly outputFile: string | undefined;
  readonly summaryFile: string | undefined;
}

/** @throws ActionError naming the variable that is missing or odd */
export function decodeRunner(env: Environment): Runner {
  const text = (name: string, shape: RegExp): string => {
    const value = env[name];
    if (value !== undefined && shape.test(value)) return value;
    throw new ActionError(`${name} is not what a runner sets; this runs as a step of GitHub Actions.`);
  };
  const file = (name: string): string | undefined => {
    const value = env[name];
    return value === undefined || value === '' ? undefined : path.resolve(value);
  };
  const server = /^https?:\/\/[^/?#\s]+$/;
  return {
    eventName: text('GITHUB_EVENT_NAME', /^[a-z_]+$/),
    ref: text('GITHUB_REF', /^refs\/\S+$/),
    commit: text('GITHUB_SHA', /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
    repository: text('GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/),
    serverUrl: text('GITHUB_SERVER_URL', server),
    apiUrl: text('GITHUB_API_URL', /^https?:\/\/[^?#\s]+$/).replace(/\/+$/, ''),
    workspace: path.resolve(text('GITHUB_WORKSPACE', /^./)),
    temp: path.resolve(text('RUNNER_TEMP', /^./)),
    outputFile: file('GITHUB_OUTPUT'),
    summaryFile: file('GITHUB_STEP_SUMMARY'),
  };
}

/** A member of a JSON object, by path; undefined where there is none. */
export function memberOf(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((at, name) => {
    const isObject = typeof at === 'object' && at !== null && !Array.isArray(at);
    return isObject && Object.hasOwn(at, name) ? (at as { readonly [name: string]: Json })[name] : undefined;
  }, value);
}
