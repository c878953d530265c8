// Hands the fuzzer's instrumentation JavaScript: it reads no types, and Node strips them only after all loaders.
import { register, stripTypeScriptTypes } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== 'module-typescript') return loaded;
  return { ...loaded, format: 'module', source: stripTypeScriptTypes(Buffer.from(loaded.source).toString()) };
}
