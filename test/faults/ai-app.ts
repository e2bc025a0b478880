import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { LEGACY_VERSIONS } from '#shared/mcp/meta.js';
import { aggregateName } from '#shared/mcp/names.js';
import { FrameSplitter } from '../../cli/bridge/frames.js';
import { within } from '../../demo/stack/child.js';
import type { Laptop } from '../../demo/walk/laptop.js';
import { answerText } from './answer-text.js';
import type { Random } from '../support/random.js';

/** One call of the load, under a name that no other call has. */
export interface AskedCall {
  readonly name: string;
  readonly server: string;
  /** What the bridge said to it, in words; more than one is a fault. */
  readonly answers: string[];
  /** The bridge was killed while it waited, so its app is the one that reports it. */
  lost: boolean;
}

const AT_ONCE = 4;
const KINDS = ['quick', 'slow', 'steps'] as const;
/** Milliseconds between a failure and the next call. */
const PAUSE = 25;
const LINE = 1024 * 1024;
/** Milliseconds. Longest after a replica that died with the right to ask the identity provider about a person. */
const WAIT = 150_000;

const NO_ROOM = /^The (audit log cannot be written|database of the control plane cannot be reached), so .* was refused/;

/** After a break the bridge can't know what changed, so it says that everything may have. */
const EXPECTED: ReadonlySet<string> = new Set([
  'notifications/progress',
  ...['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`),
]);

/** A person's AI app that never stops calling, and starts a new bridge where its own has died. */
export class AiApp {
  readonly calls: AskedCall[] = [];
  /** Lines of a bridge that are neither answers to calls nor expected notifications. */
  readonly stray: string[] = [];
  readonly laptop: Laptop;
  readonly #events = new EventEmitter();
  readonly #pending = new Map<string, AskedCall>();
  readonly #servers: readonly string[];
  readonly #random: Random;
  #bridge: ChildProcess | undefined;
  #working = false;

  constructor(laptop: Laptop, servers: readonly string[], random: Random) {
    this.laptop = laptop;
    this.#servers = servers;
    this.#random = random;
    this.#events.setMaxListeners(50);
  }

  /** Starts a bridge, and with it the calls. */
  start(): void {
    const { command, args } = this.laptop.commandLine(['bridge', '--no-browser']);
    const bridge = spawn(command, args, { cwd: this.laptop.elsewhere, stdio: ['pipe', 'pipe', 'ignore'] });
    bridge.stdin.on('error', () => undefined);
    const frames = new FrameSplitter(LINE);
    bridge.stdout.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) if (frame.kind === 'line') this.#hear(frame.text);
    });
    this.#bridge = bridge;
    this.#working = true;
    const client = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: { name: 'app', version: '1' } };
    this.#say({ id: 'initialize', method: 'initialize', params: client });
    this.#say({ method: 'notifications/initialized' });
    for (let calls = 0; calls < AT_ONCE; calls += 1) this.#ask();
  }

  /** Kills the bridge: what it still had to answer is lost with it. */
  async kill(): Promise<void> {
    await this.#end((bridge) => bridge.kill('SIGKILL'));
    for (const call of this.#pending.values()) call.lost = true;
    this.#pending.clear();
  }

  /** Asks nothing more, lets every call have its answer, and closes the bridge's input as an app does when it ends. */
  async finish(): Promise<void> {
    this.#working = false;
    if (this.#pending.size > 0) await this.#until(() => this.#pending.size === 0);
    await this.#end((bridge) => bridge.stdin?.end());
  }

  /** Resolves when that many more calls are answered. */
  async answered(count: number): Promise<void> {
    let left = count;
    await this.#until(() => (left -= 1) <= 0);
  }

  /** Resolves when a call that is asked from now on succeeds. */
  async succeeding(): Promise<void> {
    const before = new Set(this.#pending.keys());
    await this.#until((call) => !before.has(call.name) && isDone(call));
  }

  /** Resolves when a call was refused because nothing can be stored. */
  async refused(): Promise<void> {
    await this.#until((call) => NO_ROOM.test(call.answers.at(-1) ?? ''));
  }

  async #until(happened: (answered: AskedCall) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const hear = (answered: AskedCall): void => {
      if (happened(answered)) resolve();
    };
    this.#events.on('answer', hear);
    const late = (): string =>
      `${this.laptop.person} waits in vain, last for ${JSON.stringify(this.calls.slice(-2 * AT_ONCE))};`;
    await within(promise, WAIT, late).finally(() => this.#events.off('answer', hear));
  }

  async #end(how: (bridge: ChildProcess) => void): Promise<void> {
    this.#working = false;
    const bridge = this.#bridge;
    this.#bridge = undefined;
    if (bridge === undefined) return;
    const closed = once(bridge, 'close');
    how(bridge);
    await within(closed, WAIT, `The bridge of ${this.laptop.person} did not end`);
  }

  #ask(): void {
    if (!this.#working) return;
    const server = this.#random.of(this.#servers);
    const name = `${this.#random.of(KINDS)}-${this.laptop.person}-${this.calls.length}`;
    const call: AskedCall = { name, server, answers: [], lost: false };
    this.calls.push(call);
    this.#pending.set(name, call);
    const params = { name: aggregateName(server, name), arguments: { name }, _meta: { progressToken: name } };
    this.#say({ id: name, method: 'tools/call', params });
  }

  #hear(line: string): void {
    const message = JSON.parse(line) as { id?: string; method?: string };
    if (message.id === 'initialize' || EXPECTED.has(message.method ?? '')) return;
    const call = this.calls.findLast(({ name }) => name === message.id);
    if (call === undefined) {
      this.stray.push(line);
      return;
    }
    call.answers.push(answerText(message));
    this.#pending.delete(call.name);
    this.#events.emit('answer', call);
    const bridge = this.#bridge;
    const next = (): void => {
      if (this.#bridge === bridge) this.#ask();
    };
    if (isDone(call)) next();
    else setTimeout(next, PAUSE);
  }

  #say(message: object): void {
    this.#bridge?.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}

function isDone({ name, answers }: AskedCall): boolean {
  return answers.at(-1) === `done ${name}`;
}
