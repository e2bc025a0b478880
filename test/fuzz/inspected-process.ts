import { readdirSync, readFileSync } from 'node:fs';
import { Inspector } from '../support/inspector.js';

/** What a process holds, when nothing is under way. */
export interface Holdings {
  /** Bytes, after garbage was collected. */
  readonly heap: number;
  readonly fileDescriptors: number;
}

/** A Node process that tells what it holds. Linux only. */
export class InspectedProcess {
  private constructor(
    readonly pid: number,
    private readonly inspector: Inspector,
  ) {}

  /** @param log what the process has said on stderr so far */
  static async attach(pid: number, log: string): Promise<InspectedProcess> {
    return new InspectedProcess(pid, await Inspector.connect(log));
  }

  get running(): boolean {
    return (
      readdirSync('/proc').includes(String(this.pid)) &&
      !/^State:\s+Z/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8'))
    );
  }

  async holdings(): Promise<Holdings> {
    const heap = await this.inspector.heapAfterCollection();
    return { heap, fileDescriptors: readdirSync(`/proc/${this.pid}/fd`).length };
  }

  detach(): void {
    this.inspector[Symbol.dispose]();
  }
}
