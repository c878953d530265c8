// A process of its own that writes to a cache while others do.
import process from 'node:process';
import { Cache } from '../../src/cache/store.ts';

const [folder = '', index = ''] = process.argv.slice(2);
const cache = new Cache({
  directory: folder,
  onWarning: (message) => {
    throw new Error(message);
  },
});
for (let key = 0; key < 20; key++) {
  await cache.put(`shared-${key}`, Buffer.from(`${index} wrote ${key} ${index.repeat(1000)}`), undefined);
  await cache.put(`own-${index}-${key}`, Buffer.from(`own ${key}`), undefined);
  await cache.get(`shared-${(key * 7) % 20}`);
}
