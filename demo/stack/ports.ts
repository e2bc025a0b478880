import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Below those that the kernel gives to outgoing connections, lest one takes a port before its server does, and above the last one
 * that fetch refuses (Fetch standard, “bad port”: 10080).
 */
const FIRST = 10_081;
const COUNT = 19_900;
const ATTEMPTS = 50;

/**
 * A free loopback port each: the preferred one where nobody has it, else any. Given to nobody else while this process
 * lives: its UDP twin stays bound, which closes the gap until the server listens.
 */
export async function freePorts(preferred: readonly number[]): Promise<number[]> {
  const ports: number[] = [];
  for (const wanted of preferred) ports.push(await reserve(wanted));
  return ports;
}

/** Any free loopback port. */
export async function freePort(): Promise<number> {
  return reserve(0);
}

async function reserve(preferred: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = attempt === 0 && preferred !== 0 ? preferred : FIRST + Math.floor(Math.random() * COUNT);
    if ((await bindTwin(port)) && (await isFree(port))) return port;
  }
  throw new Error('No loopback port is free.');
}

async function bindTwin(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref();
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
