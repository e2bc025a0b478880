import { createServer, type Server } from 'node:net';
import { once } from 'node:events';

/** Below those that the kernel gives to outgoing connections, lest one takes a port before its server does. */
const FIRST = 10_000;
const COUNT = 20_000;
const ATTEMPTS = 50;

/** A free loopback port each: the preferred one where nobody has it, else any. */
export async function freePorts(preferred: readonly number[]): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  for (const wanted of preferred) {
    const [port, server] = await hold(wanted);
    held.push(server);
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Any free loopback port. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts([0]);
  return port;
}

async function hold(preferred: number): Promise<[number, Server]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = attempt === 0 && preferred !== 0 ? preferred : FIRST + Math.floor(Math.random() * COUNT);
    const server = await listenOn(port);
    if (server) return [port, server];
  }
  throw new Error('No loopback port is free.');
}

async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
