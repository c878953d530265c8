// Appends some bundles, one at a time: `append-process.ts <file> <number> <how many>`.
import { appendApprovals } from '../../src/index.ts';

const [file = '', id = '', count = '0'] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) {
  const bundle = { id, index, dsseEnvelope: { payload: 'e30=', payloadType: 'application/vnd.in-toto+json' } };
  await appendApprovals(file, [bundle]);
}
