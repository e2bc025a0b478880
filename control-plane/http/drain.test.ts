import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { drain } from './drain.js';
import { SilentConnections } from './silent-connections.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a request under way finishes, a new one is refused, and the kept-alive connection ends', async () => {
  const arrived = Promise.withResolvers<() => void>();
  const server = createServer((_request, response) => {
    response.write('half ');
    arrived.resolve(() => response.end('whole'));
  });
  const port = await listening(server);
  using agent = disposable(new Agent({ keepAlive: true }));
  const call = request({ port, host: '127.0.0.1', agent: agent.value }).end();
  const answered = once(call, 'response') as Promise<[AsyncIterable<Buffer>]>;
  const finish = await arrived.promise;
  const drained = drain(server, 5000);
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  const [response] = await answered;
  finish();
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe('half whole');
  expect(await drained).toBe(true);
});

test('a connection on which nothing was said holds nothing up', async () => {
  const server = createServer();
  const silent = new SilentConnections(server);
  const port = await listening(server);
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await accepted;
  expect(await drain(server, 60_000, silent)).toBe(true);
  socket.destroy();
});

test('what does not finish in time is cut', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = createServer(() => arrived.resolve());
  const port = await listening(server);
  const call = fetch(`http://127.0.0.1:${port}`).then(
    () => 'answered',
    (error: Error) => error.message,
  );
  await arrived.promise;
  expect(await drain(server, 20)).toBe(false);
  expect(await call).toBe('fetch failed');
});

function disposable(agent: Agent) {
  return { value: agent, [Symbol.dispose]: () => agent.destroy() };
}
