/** The port on which a sandboxed script finds its proxy: nothing else listens in its network namespace. */
export const PROXY_PORT = 3128;

/** Where the sandbox shows the bridge's socket. */
export const BRIDGE_SOCKET = '/run/lockseal/proxy.sock';

/**
 * A program for `node -e`, inside the sandbox: proxies are spoken to over TCP, and the way out is a socket in the file
 * system, so it carries bytes from the one to the other while the script runs, and ends as the script ends.
 * Arguments: the words of the command.
 */
export const FORWARDER = `
const net = require('node:net');
const { spawn } = require('node:child_process');
const server = net.createServer((near) => {
  const far = net.connect(${JSON.stringify(BRIDGE_SOCKET)});
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
  near.pipe(far).pipe(near);
});
server.listen(${PROXY_PORT}, '127.0.0.1', () => {
  const [command, ...args] = process.argv.slice(1);
  const child = spawn(command, args, { stdio: 'inherit' });
  child.on('error', () => process.exit(127));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
  });
});
`;
