// Packs the command as it is published into a folder, and prints the path of the tarball. Needs `npm run build`.
//
//   npm run -s pack:cli -- <folder>
import process from 'node:process';
import { packCli } from './program/pack.ts';

const [folder = process.cwd()] = process.argv.slice(2);
console.log(packCli(folder));
