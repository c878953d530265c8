// One of many processes that use one store at once: node store-process.ts <folder> <rounds> <seed>
import { createHash } from 'node:crypto';
import process from 'node:process';
import { TarballStore } from '../../src/store/tarball-store.ts';

const [, , folder = '', rounds = '1', seed = '0'] = process.argv;
const NAMES = 4;
const store = await TarballStore.open(folder, Date.now());
for (let round = 0; round < Number(rounds); round++) {
  const which = (round + Number(seed)) % NAMES;
  // Two of them are small, two are read in pieces.
  const bytes = Buffer.alloc(which < 2 ? 50_000 : 5_000_000, which);
  const sha512 = createHash('sha512').update(bytes).digest('hex');
  const open = await store.find(sha512);
  if (open === undefined) {
    if (which < 2) await store.put(sha512, bytes);
    else {
      const spool = await store.spool();
      await spool.write(bytes);
      await store.keep(spool, sha512);
    }
    continue;
  }
  const hash = createHash('sha512');
  for await (const chunk of open().chunks) hash.update(chunk);
  if (hash.digest('hex') !== sha512) throw new Error('read what was not written');
}
process.stdout.write('good');
