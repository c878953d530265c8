import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A loopback server that counts what reaches it, and closes when the test ends. */
export interface TestServer {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  /** Connections ever accepted. */
  sockets(): number;
  readonly requests: readonly SeenRequest[];
}

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startServer(t: TestContext, handler: Handler): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  let sockets = 0;
  const server = http.createServer((request, response) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    handler(request, response);
  });
  server.on('connection', () => sockets++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, sockets: () => sockets, requests };
}

/** A handler that answers with JSON by path, else 404. */
export function jsonAt(answers: Readonly<Record<string, unknown>>): Handler {
  return (request, response) => {
    const body = answers[request.url ?? ''];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(JSON.stringify(body ?? { error: 'not found' }));
  };
}
