// Writes one kind of state over and over, and tells after each turn that it is done, until somebody kills it:
// `state-writer.ts <kind> <directory>`.
import process from 'node:process';
import { STATE_KINDS } from './state-kinds.ts';

const [name = '', directory = ''] = process.argv.slice(2);
const kind = STATE_KINDS.get(name);
if (kind === undefined) throw new RangeError(`there is no kind of state called ${name}`);
for (let turn = 0; ; turn += 1) {
  await kind.write(directory, turn);
  process.stdout.write(`${turn}\n`);
}
