import { readdirSync, readFileSync } from 'node:fs';
import { within } from '../../demo/stack/child.js';

/** In the environment of a Node process that is to be attached to. */
export const INSPECTABLE = 'NODE_OPTIONS=--inspect=127.0.0.1:0';

const ANSWER_MS = 30_000;
const ADDRESS = /Debugger listening on (ws:\S+)/g;

/** What a process holds, when nothing is under way. */
export interface Holdings {
  /** Bytes, after garbage was collected. */
  readonly heap: number;
  readonly fileDescriptors: number;
}

/** A Node process that tells what it holds, over the inspector protocol. Linux only. */
export class InspectedProcess {
  #last = 0;

  private constructor(
    readonly pid: number,
    private readonly socket: WebSocket,
  ) {}

  /** @param log what the process has said on stderr so far */
  static async attach(pid: number, log: () => string): Promise<InspectedProcess> {
    const [, address] = [...log().matchAll(ADDRESS)].at(-1) ?? [];
    if (address === undefined) throw new Error('The process named no address of its inspector.');
    const socket = new WebSocket(address);
    const opened = new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error(`No inspector at ${address}.`)), { once: true });
    });
    await within(opened, ANSWER_MS, 'The inspector did not answer');
    return new InspectedProcess(pid, socket);
  }

  get running(): boolean {
    return (
      readdirSync('/proc').includes(String(this.pid)) &&
      !/^State:\s+Z/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8'))
    );
  }

  /** Collects garbage first. */
  async holdings(): Promise<Holdings> {
    await this.#ask('HeapProfiler.collectGarbage');
    const { usedSize } = (await this.#ask('Runtime.getHeapUsage')) as { usedSize: number };
    return { heap: usedSize, fileDescriptors: readdirSync(`/proc/${this.pid}/fd`).length };
  }

  detach(): void {
    this.socket.close();
  }

  #ask(method: string): Promise<unknown> {
    const id = (this.#last += 1);
    const answered = new Promise<unknown>((resolve) => {
      const hear = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id !== id) return;
        this.socket.removeEventListener('message', hear);
        resolve(answer.result);
      };
      this.socket.addEventListener('message', hear);
    });
    this.socket.send(JSON.stringify({ id, method }));
    return within(answered, ANSWER_MS, `The process did not answer ${method}`);
  }
}
