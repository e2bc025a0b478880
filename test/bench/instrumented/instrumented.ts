import { once } from 'node:events';
import { within } from '../../../demo/stack/child.js';
import { IDP_SECRET_VARIABLE } from '../../../demo/stack/company.js';
import type { Company } from '../company/company.js';
import { Part } from '../process.js';

const ANSWER_MS = 30_000;

/** Takes the place of a company's control plane: the same configuration, database and address. */
export class Instrumented implements Disposable {
  private constructor(private readonly part: Part) {}

  static async start({ stack }: Company, upstream: string): Promise<Instrumented> {
    await stack.stopControlPlane();
    const env = { CONFIG: stack.config, UPSTREAM: upstream, [IDP_SECRET_VARIABLE]: stack.idpSecret };
    return new Instrumented(await Part.start('instrumented', env, ['--expose-gc']));
  }

  /** After a full collection. */
  async memory(): Promise<NodeJS.MemoryUsage> {
    const answered = once(this.part.process, 'message');
    this.part.process.send('memory');
    const [usage] = (await within(answered, ANSWER_MS, 'the memory was not told')) as [NodeJS.MemoryUsage];
    return usage;
  }

  [Symbol.dispose](): void {
    this.part[Symbol.dispose]();
  }
}
