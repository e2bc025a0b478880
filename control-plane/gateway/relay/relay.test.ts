import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { BodyConsumer } from '../../upstreams/exchange.js';
import { ClientResponse } from './client-response.js';
import { Relay } from './relay.js';

const COMMENTS = Buffer.from(':\n'.repeat(1000));
const ENOUGH = 1000;

/** How many chunks of comments a server gets rid of before it is told to wait. */
function chunksTaken(response: ServerResponse): number {
  let taken = 0;
  const read = (consumer: BodyConsumer): void => {
    while (taken < ENOUGH && consumer.data(COMMENTS)) taken += 1;
  };
  const body = { read, resume: () => undefined, abort: () => undefined };
  const mask = { write: (chunk: Buffer) => chunk, end: () => Buffer.alloc(0), hits: 0 };
  const options = { edits: {}, mask: () => mask, asked: () => true, heard: () => undefined };
  const answer = { era: 'legacy', form: 'events', body, requestId: 1, reply: () => undefined } as const;
  void new Relay(answer).run(new ClientResponse(response), options);
  return taken;
}

test('comments wait for a client that does not read, as messages do', async () => {
  const taken = Promise.withResolvers<number>();
  const server = createServer((_request, response) => taken.resolve(chunksTaken(response))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).on(
    'error',
    () => undefined,
  );
  client.end();
  expect(await taken.promise).toBeLessThan(ENOUGH);
  client.destroy();
  server.closeAllConnections();
  server.close();
});
