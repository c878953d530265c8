import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';

const IDLE_MS = 5 * 60 * 1000;

/** Joins two connections until either ends. What passes is not looked at. */
export function openTunnel(client: Duplex, remote: Duplex): void {
  const end = (): void => {
    client.destroy();
    remote.destroy();
  };
  for (const side of [client, remote]) {
    side.on('error', end);
    side.on('close', end);
    if (side instanceof Socket) side.setTimeout(IDLE_MS, end);
  }
  // Either may have gone while the other was being reached.
  if (client.destroyed || remote.destroyed) end();
  else client.pipe(remote).pipe(client);
}
