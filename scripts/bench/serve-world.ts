// Serves a benchmark world over HTTP on loopback, in a process of its own, with as little work a request as can be:
// every answer is bytes that were made ready at start. Prints its URL; runs until its input ends.
//
//   node serve-world.ts <folder of a world> [max-age]
//
// Of version documents it also makes the packuments that npm and pnpm ask for (every package has one version), and it
// answers below /tuf/ for Sigstore's TUF repository. /-/cpu tells what it has cost.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { BASE, readAnswers } from './world.ts';

interface Ready {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | number>>;
}
interface VersionDocument {
  readonly name: string;
  readonly version: string;
}

const [directory = '', maxAge = '0'] = process.argv.slice(2);
/** Tells what serving has cost, which shares the cores with what is measured. */
const CPU = '/-/cpu';
const answers = new Map<string, Ready>();
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === CPU) return void response.end(JSON.stringify(process.cpuUsage()));
  const answer = answers.get(decodeURIComponent(request.url ?? ''));
  if (answer === undefined) response.writeHead(404).end();
  else if (request.headers['if-none-match'] === answer.headers['etag']) response.writeHead(304).end();
  else response.writeHead(200, answer.headers).end(answer.body);
});
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

function add(where: string, type: string, body: Buffer): void {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  const headers = {
    'content-type': type,
    'content-length': body.length,
    'cache-control': `public, max-age=${maxAge}`,
    etag,
  };
  answers.set(where, { body, headers });
}

for await (const { path: where, type, body } of readAnswers(directory)) {
  const text = body.replaceAll(BASE, url);
  add(where, type, Buffer.from(text));
  if (!where.startsWith('/-/')) addPackument(JSON.parse(text) as VersionDocument);
}
for (const [name, base64] of Object.entries(await readTuf())) {
  add(`/tuf/${name}`, 'application/json', Buffer.from(base64, 'base64'));
}
for (const name of await readdir(path.join(directory, 'tarballs')).catch(() => [])) {
  const [, library = ''] = /^(.+)-\d+\.\d+\.\d+\.tgz$/.exec(name) ?? [];
  add(`/${library}/-/${name}`, 'application/octet-stream', await readFile(path.join(directory, 'tarballs', name)));
}
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => process.exit());

function addPackument(document: VersionDocument): void {
  const { name, version } = document;
  const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: document } };
  add(`/${name}`, 'application/json', Buffer.from(JSON.stringify(packument)));
}

async function readTuf(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(path.join(directory, 'tuf.json'), 'utf8')) as Record<string, string>;
}
