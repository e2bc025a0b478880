import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { LEGACY_VERSIONS } from '#shared/mcp/meta.js';
import { aggregateName } from '#shared/mcp/names.js';
import { within } from '../../demo/stack/child.js';
import type { Laptop } from '../../demo/walk/laptop.js';
import { paramsOf, TOOL, type StreamedCall } from './streamed-call.js';

const CLIENT = { capabilities: {}, clientInfo: { name: 'load', version: '1' } };
/** Milliseconds; a safety net. */
const WAIT = 60_000;

/** A real bridge whose app makes one call and reads nothing. */
export class UnreadBridge {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  constructor(laptop: Laptop, call: StreamedCall) {
    const { command, args } = laptop.commandLine(['bridge', '--no-browser']);
    this.#process = spawn(command, args, { cwd: laptop.elsewhere, stdio: ['pipe', 'pipe', 'ignore'] });
    const params = { protocolVersion: LEGACY_VERSIONS[0], ...CLIENT };
    this.#say({ id: 'initialize', method: 'initialize', params });
    this.#say({ method: 'notifications/initialized' });
    this.#say({ id: call.name, method: 'tools/call', params: paramsOf(call, aggregateName(call.server, TOOL)) });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Its app ends. */
  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    this.#process.stdout.destroy();
    await within(ended, WAIT, 'The bridge did not end');
  }

  #say(message: object): void {
    this.#process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}
