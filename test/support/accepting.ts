import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Start {
  readonly port: number;
  readonly name: string;
  /** Milliseconds. */
  readonly within: number;
}

/** Resolves when something answers at the port of loopback; rejects where the child ends, or takes too long. */
export async function accepting(child: ChildProcess, { port, name, within }: Start): Promise<void> {
  const deadline = Date.now() + within;
  while (Date.now() < deadline && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await delay(20);
  }
  throw new Error(`${name} does not start.`);
}
