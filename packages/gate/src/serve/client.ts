import type { IncomingMessage } from 'node:http';

/**
 * Which program asks, by its own word: the first product of User-Agent, and npm's word for the command that was typed
 * (`npm install` in a script looks otherwise than the `npm ci` that runs it). Texts of any other shape are no program's.
 */
export function clientOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const [product] = /^[a-z]{2,20}\/[\w.+-]{1,40}(?= |$)/i.exec(headers['user-agent'] ?? '') ?? [];
  if (product === undefined) return undefined;
  const command = headers['npm-command'];
  const isWord = typeof command === 'string' && /^[a-z][a-z-]{1,20}$/.test(command);
  return isWord ? `${product}, npm ${command}` : product;
}
