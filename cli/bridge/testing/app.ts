import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { BridgeSession } from '../control-plane-link.js';
import { BridgeLog } from '../log.js';
import { serve, type ServeParts } from '../serve.js';

const DEADLINE = 5_000;

export const LEGACY_CLIENT = {
  protocolVersion: '2025-11-25',
  clientInfo: { name: 'Claude Desktop', version: '1.2.3' },
  capabilities: { experimental: { x: 1 }, elicitation: {}, sampling: {}, roots: {} },
};

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'claude-code', version: '2.1.330' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {}, url: {} } },
};

/** An AI app with its bridge, joined by streams as by pipes. */
export class App {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly signals = new EventEmitter();
  readonly log: string[] = [];
  /** Every line that the bridge wrote, as text. */
  readonly lines: string[] = [];
  readonly exit: Promise<number>;
  parent = 4711;
  now = 0;
  readonly #arrived = new EventEmitter();
  #taken = 0;
  #rest = '';

  constructor(openSession: () => Promise<BridgeSession>, more: Partial<ServeParts> = {}) {
    this.stdout.on('data', (chunk: Buffer) => this.#take(chunk.toString()));
    this.exit = serve({
      stdin: this.stdin,
      stdout: this.stdout,
      signals: this.signals,
      parent: () => this.parent,
      openSession,
      version: '0.1.0',
      env: {},
      log: new BridgeLog({ level: 'debug', write: (line) => this.log.push(line) }),
      now: () => this.now,
      ...more,
    });
  }

  /** A message, or a line as it is. */
  send(message: JsonObject | string): void {
    this.stdin.write(
      typeof message === 'string' ? `${message}\n` : `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`,
    );
  }

  /** The next message from the bridge that the test has not seen. */
  async next(): Promise<JsonObject> {
    while (this.lines.length <= this.#taken) {
      await once(this.#arrived, 'line', { signal: AbortSignal.timeout(DEADLINE) });
    }
    const line = this.lines[this.#taken];
    this.#taken += 1;
    return JSON.parse(line ?? '') as JsonObject;
  }

  /** Sends a request and returns the next message. */
  async ask(message: JsonObject): Promise<JsonObject> {
    this.send(message);
    return this.next();
  }

  async initialize(): Promise<JsonObject> {
    const answer = await this.ask({ id: 0, method: 'initialize', params: LEGACY_CLIENT });
    this.send({ method: 'notifications/initialized' });
    return answer;
  }

  /** Messages that the test has not taken yet. */
  get untaken(): readonly string[] {
    return this.lines.slice(this.#taken);
  }

  /** Closes stdin and returns the exit code. */
  async quit(): Promise<number> {
    this.stdin.end();
    return this.exit;
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    this.lines.push(...lines);
    for (const line of lines) this.#arrived.emit('line', line);
  }
}
