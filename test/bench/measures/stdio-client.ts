import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { within } from '../../../demo/stack/child.js';
import { median } from '../table/pairs.js';

const ANSWER_MS = 20_000;
const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Ours where absent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An AI app of 2025-11-25: starts a command and speaks to it in lines. */
export class StdioClient implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  #id = 0;

  constructor({ command, args, cwd, env }: CommandLine) {
    this.#child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'], ...(env ? { env } : {}) });
    process.once('exit', this.#kill);
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('exit', (code, signal) => this.#fail(new Error(`the command ended (${signal ?? code})`)));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  async initialize(): Promise<void> {
    await this.#ask('initialize', HANDSHAKE);
    this.#write({ method: 'notifications/initialized' });
  }

  /** Of the command, once it is running. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Milliseconds (median) of a call, made one after the other for some seconds. */
  async callTime(tool: string, seconds: number): Promise<number> {
    const times: number[] = [];
    const until = performance.now() + seconds * 1_000;
    while (times.length === 0 || performance.now() < until) {
      const began = performance.now();
      await this.#ask('tools/call', { name: tool, arguments: { id: 'c-1' } });
      times.push(performance.now() - began);
    }
    return median(times);
  }

  async #ask(method: string, params: object): Promise<void> {
    const id = (this.#id += 1);
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(id, waiting);
    this.#write({ id, method, params });
    await within(waiting.promise, ANSWER_MS, `${method} was not answered`).finally(() => this.#waiting.delete(id));
  }

  #write(message: object): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #take(line: string): void {
    const { id, error } = JSON.parse(line) as { id?: number; error?: unknown };
    const waiting = this.#waiting.get(id ?? -1);
    const refused = error !== undefined || line.includes('"isError":true');
    if (refused) waiting?.reject(new Error(`answered wrongly: ${line.slice(0, 300)}`));
    else waiting?.resolve();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#kill);
    this.#kill();
  }
}
