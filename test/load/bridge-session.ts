import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS } from '#shared/mcp/meta.js';
import { aggregateName } from '#shared/mcp/names.js';
import { within } from '../../demo/stack/child.js';
import type { Laptop } from '../../demo/walk/laptop.js';
import type { LoadSession } from './load-session.js';
import { homeOf, paramsOf, responseOf, TOOL, wordFor, type HeardRequest, type StreamedCall } from './streamed-call.js';

const INITIALIZE = {
  method: 'initialize',
  params: {
    protocolVersion: LEGACY_VERSIONS[0],
    capabilities: { elicitation: {} },
    clientInfo: { name: 'load', version: '1' },
  },
};
/** Milliseconds; a safety net. */
const WAIT = 180_000;

/** A real bridge, spoken to in lines by an app of 2025-11-25. */
export class BridgeSession implements LoadSession {
  readonly homes = new Set<string>();
  readonly stray: string[] = [];
  readonly #laptop: Laptop;
  readonly #bridge: ChildProcessByStdio<Writable, Readable, null>;
  readonly #calls = new Map<unknown, HeardRequest>();
  readonly #waiting = new Map<unknown, () => void>();

  constructor(
    readonly name: string,
    laptop: Laptop,
  ) {
    this.#laptop = laptop;
    const { command, args } = laptop.commandLine(['bridge', '--no-browser']);
    this.#bridge = spawn(command, args, { cwd: laptop.elsewhere, stdio: ['pipe', 'pipe', 'ignore'] });
    createInterface({ input: this.#bridge.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as JsonObject));
    this.#say({ id: 'initialize', ...INITIALIZE });
    this.#say({ method: 'notifications/initialized' });
  }

  async make(call: StreamedCall): Promise<void> {
    const { name, server } = call;
    const carried: HeardRequest = { id: name, heard: [] };
    call.requests.push(carried);
    this.#calls.set(name, carried);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(name, resolve);
    this.#say({ id: name, method: 'tools/call', params: paramsOf(call, aggregateName(server, TOOL)) });
    await within(promise, WAIT, 'no answer').catch((error: unknown) => (call.broken = String(error)));
    const home = homeOf(responseOf(carried));
    if (home !== undefined) this.homes.add(home);
  }

  async close(): Promise<void> {
    const ended = once(this.#bridge, 'close');
    this.#bridge.stdin.end();
    await within(ended, WAIT, 'The bridge did not end');
  }

  async signOut(): Promise<void> {
    const { code, stderr } = await this.#laptop.run('logout');
    if (code !== 0) throw new Error(stderr);
  }

  #hear(message: JsonObject): void {
    const { id, method, params } = message;
    const about = isObject(params) ? (params['progressToken'] ?? params['message']) : id;
    if (id === 'initialize' || String(method).endsWith('/list_changed')) return;
    const carried = this.#calls.get(method === undefined ? id : about);
    if (carried === undefined) this.stray.push(JSON.stringify(message));
    carried?.heard.push(message);
    if (method === undefined) this.#waiting.get(id)?.();
    else if (id !== undefined) this.#say({ id, result: wordFor(message) });
  }

  #say(message: object): void {
    this.#bridge.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}
