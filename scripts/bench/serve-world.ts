// Serves a benchmark world over HTTP on loopback, in a process of its own, with as little work a request as can be:
// every answer is bytes that were made ready at start. Prints its URL; runs until its input ends.
//
//   node serve-world.ts <folder of a world>
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { BASE, readAnswers } from './world.ts';

interface Ready {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | number>>;
}

const [directory = ''] = process.argv.slice(2);
const answers = new Map<string, Ready>();
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const answer = answers.get(decodeURIComponent(request.url ?? ''));
  if (answer === undefined) response.writeHead(404).end();
  else if (request.headers['if-none-match'] === answer.headers['etag']) response.writeHead(304).end();
  else response.writeHead(200, answer.headers).end(answer.body);
});
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
for (const { path, type, body } of await readAnswers(directory)) {
  const bytes = Buffer.from(body.replaceAll(BASE, url));
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  answers.set(path, { body: bytes, headers: { 'content-type': type, 'content-length': bytes.length, etag } });
}
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => process.exit());
