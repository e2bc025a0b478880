import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { within } from '../../demo/stack/child.js';
import { ROOT } from '../../demo/stack/root.js';
import type { Laptop } from '../../demo/walk/laptop.js';
import { InspectedProcess } from './inspected-process.js';

const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
/** Milliseconds. */
const START = 30_000;
const END = 5_000;

/** A bridge that serves whatever is written to it. */
export class FuzzedBridge {
  /** What it said and nobody has looked at yet, line by line. */
  readonly #said: string[] = [];
  readonly #events = new EventEmitter();
  #errors = '';
  #inspected: InspectedProcess | undefined;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#said.push(line);
      this.#events.emit('line');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#events.emit('errors');
    });
    child.stdin.on('error', () => undefined);
  }

  static async start({ home, elsewhere }: Laptop): Promise<FuzzedBridge> {
    const command = [process.execPath, '--inspect=127.0.0.1:0', MAIN, 'bridge', '--no-browser'];
    const child = spawn('/usr/bin/env', ['-i', `HOME=${home}`, ...command], { cwd: elsewhere });
    const bridge = new FuzzedBridge(child);
    while (!bridge.#errors.includes('ws://'))
      await within(once(bridge.#events, 'errors'), START, 'The bridge said nothing');
    bridge.#inspected = await InspectedProcess.attach(child.pid!, bridge.#errors);
    return bridge;
  }

  get inspected(): InspectedProcess {
    return this.#inspected!;
  }

  /** Lines on stderr that stand for an error nobody foresaw. */
  unforeseen(): string[] {
    return this.#errors
      .split('\n')
      .filter((line) => /unhandled|uncaught|^\s+at |Error:/i.test(line))
      .slice(0, 5);
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.child.stdin.write(bytes))
      await within(once(this.child.stdin, 'drain'), START, 'The bridge does not read');
  }

  /** The next line it says; undefined where none comes in time. */
  async heard(milliseconds: number): Promise<string | undefined> {
    if (this.#said.length === 0) {
      await within(once(this.#events, 'line'), milliseconds, '').catch(() => undefined);
    }
    return this.#said.shift();
  }

  /** Sends a request whose id nobody else uses, and resolves to its answer. Other lines are dropped. */
  async ask(message: JsonObject): Promise<JsonObject> {
    await this.write(Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`));
    for (;;) {
      const line = await this.heard(START);
      if (line === undefined) throw new Error(`No answer to ${JSON.stringify(message)}`);
      const said: unknown = JSON.parse(line);
      if (isObject(said) && said['id'] === message['id'] && said['method'] === undefined) return said;
    }
  }

  /** Closes its input in the middle of a line, and resolves to the code it ended with. */
  async end(): Promise<number | null> {
    this.inspected.detach();
    const closed = once(this.child, 'close') as Promise<[number | null]>;
    this.child.stdin.end('{"jsonrpc":"2.0","id":"half","method":"too');
    const [code] = await within(closed, END, 'The bridge did not end').finally(() => this.child.kill('SIGKILL'));
    return code;
  }
}
