/** npm's own runner; it brings no types. */
declare module '@npmcli/run-script' {
  interface RunScriptOptions {
    readonly event: string;
    readonly path: string;
    readonly cmd?: string;
    readonly pkg?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly scriptShell?: string;
    readonly binPaths?: readonly string[];
    readonly stdio?: string | readonly unknown[];
  }
  const runScript: (options: RunScriptOptions) => Promise<unknown>;
  export default runScript;
}
