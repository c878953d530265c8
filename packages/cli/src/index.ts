export { main } from './main.ts';
export { runProcess } from './run-process.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
export type { Console, OutputStream } from './io/console.ts';
