import type { CredentialParts } from './credentials.ts';

/** Settings that are no registry: undefined where the layer does not say. */
export interface LayerSettings {
  /** PEM certificates that replace the built-in authorities. */
  readonly ca?: readonly string[] | undefined;
  readonly cafile?: string | undefined;
  readonly strictSsl?: boolean | undefined;
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  /** Host names and suffixes that are reached directly. */
  readonly noProxy?: readonly string[] | undefined;
  readonly retries?: number | undefined;
  readonly retryFactor?: number | undefined;
  readonly retryMinMs?: number | undefined;
  readonly retryMaxMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** What one file, the environment or the command line says. Layers are merged strongest first. */
export interface ConfigLayer {
  /** Path of the file, `environment`, or `command line`. */
  readonly source: string;
  readonly registry: string | undefined;
  readonly scopes: ReadonlyMap<string, string>;
  readonly named: ReadonlyMap<string, string>;
  readonly mirrors: readonly string[];
  /** By `credentialKey`. */
  readonly credentials: ReadonlyMap<string, CredentialParts>;
  /** Authorization for whichever registry turns out to be the default one; only the environment has it. */
  readonly defaultAuthorization: string | undefined;
  readonly settings: LayerSettings;
  /** What the reader of the configuration should know; holds no secret. */
  readonly warnings: readonly string[];
}

/** A layer in the making. */
export interface LayerDraft {
  registry: string | undefined;
  readonly scopes: Map<string, string>;
  readonly named: Map<string, string>;
  readonly mirrors: string[];
  readonly credentials: Map<string, CredentialParts>;
  defaultAuthorization: string | undefined;
  settings: LayerSettings;
  readonly warnings: string[];
  readonly source: string;
}

export function draftLayer(source: string): LayerDraft {
  return {
    source,
    registry: undefined,
    scopes: new Map(),
    named: new Map(),
    mirrors: [],
    credentials: new Map(),
    defaultAuthorization: undefined,
    settings: {},
    warnings: [],
  };
}

/** Adds to what the draft already holds for that key. */
export function addCredentials(draft: LayerDraft, key: string | undefined, parts: CredentialParts): void {
  if (key !== undefined) draft.credentials.set(key, { ...draft.credentials.get(key), ...parts });
}
