import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { errorText } from '#shared/errors.js';
import { hookReport } from './hook-report.js';
import { listedSockets, withdraw, type HookSocket } from './hook-sockets.js';

/** Arguments of the tool stand in what a hook gets, and may be long. */
const MAX_INPUT = 16 * 1024 * 1024;
/** Milliseconds; Claude Code waits for the hook before it makes the call. */
const READING = 1_000;
const DELIVERY = 400;
/** Nobody listens at it any more. */
const GONE = new Set(['ECONNREFUSED', 'ENOENT']);

interface Parts {
  readonly stdin: Readable;
  readonly stateFolder: string;
  readonly debug: (what: string) => void;
}

/**
 * `mcp-sso hook`: hands what Claude Code tells its hooks about agents to every bridge of this person. Resolves within two
 * seconds and never rejects: whatever goes wrong here, the app goes on.
 */
export async function reportHook({ stdin, stateFolder, debug }: Parts): Promise<void> {
  try {
    const report = hookReport(JSON.parse(await textOf(stdin)));
    if (report === undefined) return debug('not a hook of Claude Code that concerns MCP');
    const text = JSON.stringify(report);
    await Promise.all(listedSockets(stateFolder).map((socket) => deliver(socket, text, debug)));
  } catch (error) {
    debug(errorText(error));
  }
}

async function textOf(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => stdin.destroy(new Error('stdin did not end')), READING);
  try {
    for await (const chunk of stdin) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MAX_INPUT) throw new Error('stdin is too long');
    }
    return Buffer.concat(chunks).toString();
  } finally {
    clearTimeout(late);
  }
}

/** Resolves when the bridge has taken it, or will not. */
function deliver(socket: HookSocket, text: string, debug: Parts['debug']): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const connection = connect(socket.address);
  const late = setTimeout(() => connection.destroy(new Error('the bridge did not answer')), DELIVERY);
  connection.on('error', (error: NodeJS.ErrnoException) => {
    debug(errorText(error));
    if (GONE.has(error.code ?? '')) withdrawQuietly(socket);
  });
  connection.on('close', () => {
    clearTimeout(late);
    resolve();
  });
  connection.on('connect', () => connection.end(text));
  connection.resume();
  return promise;
}

/** Left behind by a bridge that was killed. */
function withdrawQuietly(socket: HookSocket): void {
  try {
    withdraw(socket);
  } catch {
    // Another hook was faster.
  }
}
