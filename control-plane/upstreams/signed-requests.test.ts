import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { ReachableAddresses } from '../egress/reachable-addresses.js';
import { Connections, type HttpRequest } from './connections.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { OutgoingRequest, RequestSigner } from './request-signer.js';

interface Seen extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly body: string;
}

let seen: Seen[];
let connections: Connections;
const server = createServer((request, response) => void receive(request).then(() => response.end()));

async function receive(request: IncomingMessage): Promise<void> {
  const { method, url, headers } = request;
  seen.push({ method, url, headers, body: await text(request) });
}

beforeEach(async () => {
  seen = [];
  connections = new Connections({ ...DEFAULT_LIMITS, question: 200 }, new ReachableAddresses(['127.0.0.0/8']));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await connections.close();
  await new Promise((resolve) => server.close(resolve));
});

const to = (sign: RequestSigner): HttpRequest => ({
  method: 'POST',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?a=1`,
  query: { key: 'k&1' },
  headers: { accept: 'text/plain' },
  body: '{"é":1}',
  sign,
});
const live = (): AbortSignal => new AbortController().signal;
const done = async (send: HttpRequest, signal = live()): Promise<unknown> => {
  const exchange = connections.send(send, signal);
  const head = await exchange.head;
  exchange.read({ data: () => true, end: () => undefined, failed: () => undefined });
  return head.status;
};

test('a request is signed as it leaves, and each one for itself', async () => {
  const signed: OutgoingRequest[] = [];
  const sign: RequestSigner = async (outgoing) => {
    signed.push(outgoing);
    return { 'x-signature': `${signed.length}` };
  };
  expect(await done(to(sign))).toBe(200);
  expect(await done(to(sign))).toBe(200);
  expect(seen.map(({ headers }) => headers['x-signature'])).toEqual(['1', '2']);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/mcp?a=1&key=k%261', body: '{"é":1}' });
  const { origin } = new URL(to(sign).url);
  expect(signed[0]).toEqual({
    method: 'POST',
    url: `${origin}/mcp?a=1&key=k%261`,
    headers: { accept: 'text/plain' },
    body: '{"é":1}',
  });
});

test('where signing fails nothing leaves, and the reason holds nothing of the signer’s', async () => {
  const failures: [Error, string][] = [
    [new Error('with-a-secret'), 'the request could not be signed: the signer failed'],
    [
      new CodedError('session_unconfirmed', { detail: 'signing keys' }),
      'the request could not be signed: session_unconfirmed signing keys',
    ],
    [
      new CodedError('credential_unavailable', { detail: 'servers.crm.credential: no key' }),
      'servers.crm.credential: no key',
    ],
  ];
  for (const [failure, detail] of failures) {
    const sent = done(to(() => Promise.reject(failure)));
    await expect(sent).rejects.toMatchObject({ code: 'credential_unavailable', detail });
  }
  await expect(done(to(() => new Promise(() => undefined)))).rejects.toMatchObject({
    code: 'credential_unavailable',
    detail: 'the request could not be signed: it took too long',
  });
  expect(seen).toEqual([]);
});

test('a request that is cancelled while it is being signed never leaves', async () => {
  const signature = Promise.withResolvers<Record<string, string>>();
  const cancel = new AbortController();
  const reason = new CodedError('interrupted');
  const sent = done(
    to(() => signature.promise),
    cancel.signal,
  );
  cancel.abort(reason);
  await expect(sent).rejects.toBe(reason);
  signature.resolve({ 'x-signature': '1' });
  expect(await done(to(async () => ({ 'x-signature': '2' })))).toBe(200);
  expect(seen.map(({ headers }) => headers['x-signature'])).toEqual(['2']);
});

test('a server that cannot be reached is that, though the request was signed', async () => {
  const gone = { ...to(async () => ({})), url: 'http://127.0.0.1:1/mcp' };
  await expect(done(gone)).rejects.toMatchObject({ code: 'upstream_unreachable' });
});
