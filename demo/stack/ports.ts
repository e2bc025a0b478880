import { createServer } from 'node:net';
import { once } from 'node:events';

/** A free loopback port each: the preferred one where nobody has it, else any. */
export async function freePorts(preferred: readonly number[]): Promise<number[]> {
  const held = [];
  for (const port of preferred) held.push((await listenOn(port)) ?? (await listenOn(0)));
  const ports = held.map((server) => {
    const address = server?.address();
    if (!server || !address || typeof address === 'string') throw new Error('No loopback port is free.');
    return { server, port: address.port };
  });
  await Promise.all(ports.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return ports.map(({ port }) => port);
}

async function listenOn(port: number) {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
