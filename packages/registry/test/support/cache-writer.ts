// A process of its own that writes to a cache while others do; it may be told to die in the middle.
import process from 'node:process';
import { cacheIn } from './cache.ts';

const [folder = '', index = '', dies = ''] = process.argv.slice(2);
const cache = cacheIn(folder);
const head = { etag: undefined, maxAgeMs: 0 };
for (let round = 0; round < 4; round++) {
  for (let key = 0; key < 20; key++) {
    cache.put(`shared-${key}`, Buffer.from(`${index} wrote ${key} ${index.repeat(1000)}`), head);
    cache.put(`own-${index}-${key}`, Buffer.from(`own ${key}`), head);
    cache.head(`shared-${(key * 7) % 20}`);
  }
  if (round === 2 && dies !== '') process.kill(process.pid, 'SIGKILL');
  cache.close();
}
