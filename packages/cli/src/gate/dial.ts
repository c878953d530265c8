import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isAddress, LocksealError, type Authority } from '@lockseal/core';
import type { RegistryConfig } from '@lockseal/registry';
import { isNear } from './near.ts';

const CONNECT_MS = 30_000;
/**
 * A connection to a host that the policy excepts, through the configured proxy where there is one. A name that leads to
 * this machine or to one beside it is not connected to, whoever answers for the name.
 * @throws LocksealError ERR_NETWORK, ERR_HOST_REFUSED
 */
export async function dial(to: Authority, config: RegistryConfig, signal: AbortSignal): Promise<Duplex> {
  // What is aborted once the connection stands would end it.
  const attempt = new AbortController();
  const timer = setTimeout(() => attempt.abort(), CONNECT_MS);
  const until = AbortSignal.any([signal, attempt.signal]);
  const proxy = config.proxyFor(new URL(`https://${to.host}:${to.port}`));
  try {
    if (proxy !== undefined) return await throughProxy(to, new URL(proxy), config.tls, until);
    return await connected(connect({ host: await addressOf(to.host), port: to.port, signal: until }));
  } catch (thrown) {
    if (thrown instanceof LocksealError) throw thrown;
    const { code = 'unknown' } = thrown as NodeJS.ErrnoException;
    const message = `No connection to ${to.host}:${to.port}: ${String(code)}`;
    throw new LocksealError('ERR_NETWORK', message, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

/** The address that is connected to is the one that was looked at. */
async function addressOf(host: string): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, '');
  const addresses = isAddress(host) ? [bare] : (await lookup(bare, { all: true })).map(({ address }) => address);
  const address = addresses.find((each) => !isNear(each));
  if (address !== undefined) return address;
  throw new LocksealError('ERR_HOST_REFUSED', `${host} is an address of this machine, or of one beside it`, {
    found: addresses[0],
  });
}

async function throughProxy(
  to: Authority,
  proxy: URL,
  { ca, strict }: RegistryConfig['tls'],
  signal: AbortSignal,
): Promise<Duplex> {
  const target = `${to.host}:${to.port}`;
  const userinfo = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
  const isSecure = proxy.protocol === 'https:';
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const asked = (isSecure ? https : http).request({
    host,
    // Node would take the name from Host, which is the other side's.
    servername: isIP(host) === 0 ? host : '',
    port: proxy.port === '' ? (isSecure ? 443 : 80) : Number(proxy.port),
    agent: false,
    rejectUnauthorized: strict,
    ...(ca.length > 0 && { ca: [...ca] }),
    method: 'CONNECT',
    path: target,
    signal,
    headers: {
      host: target,
      ...(proxy.username !== '' && { 'proxy-authorization': `Basic ${Buffer.from(userinfo).toString('base64')}` }),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  asked.on('error', reject);
  asked.on('connect', (response, socket, head) => {
    if (head.length > 0) socket.unshift(head);
    if (response.statusCode === 200) return resolve(socket);
    socket.destroy();
    reject(new LocksealError('ERR_NETWORK', `The proxy answered ${response.statusCode} for ${target}`));
  });
  asked.end();
  return promise;
}

function connected(socket: Socket): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once('connect', () => resolve(socket));
  socket.once('error', reject);
  return promise;
}
