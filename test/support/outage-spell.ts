import { readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { Receiver } from '../../control-plane/messaging/testing/receiver.js';
import type { Stack } from '../../demo/stack/stack.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { callsAtCrm } from './crm-log.js';
import { send, type HttpAnswer } from './http.js';

/** What keeps records from being written. */
export interface Cause {
  readonly begin: () => void | Promise<void>;
  readonly end: () => void | Promise<void>;
  /** What operators read in the log and in `/health`. */
  readonly reason: RegExp;
}

export interface Endured {
  /** What the person read. */
  readonly refusal: string;
  /** What operators were sent, from before the cause until all went on. */
  readonly messages: readonly string[];
}

/** A safety net: a machine that is busy is slow and not red. */
const RECOVERY = { timeout: 60_000, interval: 100 };
const TOOL = 'crm__list_customers';

/** A person with an AI app, somebody who watches over the log, and where operators get their messages. */
export class Watchers implements AsyncDisposable {
  private constructor(
    private readonly stack: Stack,
    private readonly receiver: Receiver,
    private readonly app: BridgeSession,
    private readonly auditor: Laptop,
  ) {}

  static async signIn(stack: Stack, receiver: Receiver): Promise<Watchers> {
    const { publicUrl } = stack.addresses;
    const [alice, dave] = [new Laptop('alice', stack.folder), new Laptop('dave', stack.folder)];
    await alice.login(publicUrl);
    await dave.login(publicUrl);
    await dave.ask('audit', 'verify');
    return new Watchers(stack, receiver, await BridgeSession.connect(alice), dave);
  }

  /** Lives through one time in which no record can be written, and rejects where anything of it was not as promised. */
  async endure({ begin, end, reason }: Cause): Promise<Endured> {
    await this.#succeeds();
    this.receiver.received.length = 0;
    const logged = this.#log().length;
    await begin();
    let refusal: string;
    try {
      refusal = await vi.waitFor(async () => this.#refused(), RECOVERY);
      await this.#unready(reason);
      await vi.waitFor(() => assure(reason.test(this.#failures(logged)), 'the log names no cause'), RECOVERY);
    } finally {
      await end();
    }
    await vi.waitFor(() => this.#succeeds(), RECOVERY);
    await this.#answers('listen', '/readyz', ({ status }) => status === 200);
    await vi.waitFor(() => assure(this.receiver.received.length > 0, 'nobody was told'), RECOVERY);
    await this.auditor.ask('audit', 'verify');
    await this.#succeeds();
    return { refusal, messages: this.receiver.received.map(({ body }) => body) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }

  async #succeeds(): Promise<void> {
    const { text, isError } = await this.app.call(TOOL);
    assure(!isError && text.includes('Nordwind'), `a call came to nothing: ${text}`);
  }

  /** Until what was begun has taken effect, a call may still succeed. */
  async #refused(): Promise<string> {
    const before = callsAtCrm(this.stack).length;
    const { text, isError } = await this.app.call(TOOL);
    assure(isError, 'a call was not refused');
    assure(callsAtCrm(this.stack).length === before, 'a call that was refused has left');
    // In the moment in which a clock jumps, a bridge may take its proof that is out of date for the end of its session.
    assure(!text.includes('To sign in'), `the bridge does not know the new time yet: ${text}`);
    return text;
  }

  async #unready(reason: RegExp): Promise<void> {
    await this.#answers('listen', '/readyz', ({ status }) => status === 503);
    await this.#answers('adminListen', '/health', ({ text }) => reason.test(text));
    const failures = /^mcp_sso_audit_write_failures_total [1-9]/m;
    await this.#answers('adminListen', '/metrics', ({ text }) => failures.test(text));
  }

  async #answers(at: 'listen' | 'adminListen', path: string, as: (answer: HttpAnswer) => boolean): Promise<void> {
    const ask = async (): Promise<void> => {
      const answer = await send(`http://${this.stack.addresses[at]}${path}`);
      assure(as(answer), `${path} says ${answer.status}: ${answer.text}`);
    };
    await vi.waitFor(ask, RECOVERY);
  }

  #log(): string {
    return readFileSync(this.stack.logFile('control-plane'), 'utf8');
  }

  #failures(from: number): string {
    const lines = this.#log().slice(from).split('\n');
    return lines.filter((line) => line.includes('audit.write-failed')).join('\n');
  }
}

function assure(is: boolean, otherwise: string): void {
  if (!is) throw new Error(otherwise);
}
