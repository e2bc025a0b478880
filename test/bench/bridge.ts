import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Laptop } from '../../demo/walk/laptop.js';
import { calling } from './calls.js';
import type { Company } from './company.js';
import { inPairs, median } from './pairs.js';
import { load } from './process.js';
import type { Row } from './table.js';

const STARTS = 11;
const CALLS = 400;
const HANDSHAKE = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};

/** The built bridge: how soon an AI app has its first answer, and what a call through it takes longer than HTTP. */
export async function measureBridge(company: Company): Promise<Row[]> {
  const laptop = new Laptop('alice', company.stack.folder);
  await laptop.login(company.stack.addresses.publicUrl);
  return [await initializeRow(laptop), await callRow(laptop, company)];
}

async function initializeRow(laptop: Laptop): Promise<Row> {
  const { a, b, ratio } = await inPairs(STARTS, () => initializeTime(laptop), bareStart);
  return {
    id: 'initialize',
    what: 'bridge: start to initialize answered ÷ bare node start',
    value: ratio,
    unit: 'x',
    target: { atMost: 1.5 },
    detail: `${a.toFixed(0)} ÷ ${b.toFixed(0)} ms`,
  };
}

async function callRow(laptop: Laptop, { stack, bound }: Company): Promise<Row> {
  const { listen, publicUrl } = stack.addresses;
  const direct = calling(
    'tool_00',
    { url: `http://${listen}/mcp/bench0`, target: `${publicUrl}/mcp/bench0`, clients: bound.slice(0, 1) },
    1,
    2,
  );
  using bridge = new RunningBridge(laptop, ['bridge', '--server', 'bench0']);
  await bridge.ask(HANDSHAKE);
  const { a, b } = await inPairs(
    3,
    () => bridge.callTime(),
    async () => (await load(direct)).p50,
  );
  return {
    id: 'bridge-call',
    what: 'bridge: added p50 of a call over talking HTTP directly',
    value: a - b,
    unit: 'ms',
    target: { atMost: Math.min(0.5, 0.3 * b) },
    detail: `${a.toFixed(2)} − ${b.toFixed(2)} ms`,
  };
}

async function initializeTime(laptop: Laptop): Promise<number> {
  const began = performance.now();
  using bridge = new RunningBridge(laptop, ['bridge']);
  await bridge.ask(HANDSHAKE);
  return performance.now() - began;
}

async function bareStart(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - began;
}

/** A bridge process, spoken to in lines. */
class RunningBridge implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, () => void>();
  #id = 0;

  constructor(laptop: Laptop, words: readonly string[]) {
    const { command, args } = laptop.commandLine(words);
    this.#child = spawn(command, args, { cwd: laptop.elsewhere, stdio: ['pipe', 'pipe', 'ignore'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, error } = JSON.parse(line) as { id?: number; error?: unknown };
      if (error !== undefined || line.includes('"isError":true')) throw new Error(`The bridge answered: ${line}`);
      if (id !== undefined) this.#waiting.get(id)?.();
    });
  }

  async ask(request: { method: string; params: object }): Promise<void> {
    const id = (this.#id += 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(id, resolve);
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...request })}\n`);
    await promise;
    this.#waiting.delete(id);
  }

  /** Milliseconds (median) of one call after the other. */
  async callTime(): Promise<number> {
    const times: number[] = [];
    for (let made = 0; made < CALLS; made += 1) {
      const began = performance.now();
      await this.ask({ method: 'tools/call', params: { name: 'tool_00', arguments: { id: 'c-1' } } });
      times.push(performance.now() - began);
    }
    return median(times);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}
