import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { untilAnswering } from '../../demo/stack/ready.js';

export const UPSTREAM = join(import.meta.dirname, 'streaming-upstream.mjs');

/** One upstream process on a port of its own, which may be killed and started again. */
export class UpstreamProcess {
  #child: Child | undefined;

  constructor(
    readonly name: string,
    private readonly port: number,
    private readonly folder: string,
    private readonly received: string,
  ) {}

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#child = new Child({
      name: this.name,
      args: [UPSTREAM, this.received, String(this.port)],
      env: {},
      cwd: this.folder,
      logFile: join(this.folder, 'logs', `${this.name}.log`),
    });
    await untilAnswering(this.#child, `http://127.0.0.1:${this.port}/modern`, [405]);
  }

  async kill(): Promise<void> {
    await this.#child?.stop('SIGKILL');
  }
}
