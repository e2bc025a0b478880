import { Worker } from 'node:worker_threads';
import { CodedError, errorText } from '#shared/errors.js';
import { faultText } from '../../config/fault-text.js';
import type { Fault, PolicyFile, Settings } from '../../config/settings.js';
import type { KnownDefinitions } from '../definitions/known-definitions.js';
import type { Explanation } from '../explain/explain.js';
import type { Again } from './decide-again.js';

/** Policies that are tried and not in force, with the servers that they are about. */
export interface Candidate {
  readonly files: readonly PolicyFile[];
  readonly settings: Settings;
  /** What is known of the tools' arguments. */
  readonly known: KnownDefinitions;
}

type Work =
  | { readonly kind: 'decide'; readonly calls: readonly string[] }
  /** One call, as `recordInput` writes it. */
  | { readonly kind: 'explain'; readonly call: string };

export interface Order {
  readonly number: number;
  readonly order: Work;
}

export interface Answer {
  readonly number: number;
  readonly answer:
    | { readonly kind: 'ready'; readonly faults: readonly Fault[] }
    | { readonly kind: 'decided'; readonly calls: readonly Again[] }
    | { readonly kind: 'explained'; readonly explanation: Explanation | undefined };
}

const PROGRAM = new URL('./candidate-thread.js', import.meta.url);
/** Milliseconds: to check thousands of policies takes a while; a batch of calls does not. */
const START_TIME = 120_000;
const ORDER_TIME = 60_000;
/** MB. */
const MEMORY = 512;

/**
 * One set of policies in a thread of its own: nothing that it takes is taken from those who are served, and a text that
 * breaks the engine breaks this one alone. After an error it is of no more use.
 */
export class CandidateEngine implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer['answer']>>();
  #orders = 0;
  #broken: Error | undefined;

  private constructor(candidate: Candidate) {
    this.#thread = new Worker(PROGRAM, {
      workerData: candidate,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
      name: 'policy candidate',
    });
    this.#thread.on('message', ({ number, answer }: Answer) => {
      this.#waiting.get(number)?.resolve(answer);
      this.#waiting.delete(number);
    });
    this.#thread.on('error', (error) => this.#break(error));
    this.#thread.on('exit', () => this.#break(new Error('the thread ended')));
  }

  /** Throws `config_invalid`, naming every fault of the policies. */
  static async start(candidate: Candidate): Promise<CandidateEngine> {
    const engine = new CandidateEngine(candidate);
    try {
      const answer = await engine.#answerTo(0, START_TIME);
      const faults = answer.kind === 'ready' ? answer.faults : [];
      if (faults.length > 0) throw new CodedError('config_invalid', { message: faults.map(faultText).join('\n') });
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error instanceof CodedError ? error : failed(error);
    }
  }

  /** What it makes of calls, in their order. Throws `policy_failed` where it breaks down. */
  async decide(calls: readonly string[]): Promise<readonly Again[]> {
    const answer = await this.#order({ kind: 'decide', calls });
    return answer.kind === 'decided' ? answer.calls : [];
  }

  /** Undefined for a text that `recordInput` did not write. Throws `policy_failed` where it breaks down. */
  async explain(call: string): Promise<Explanation | undefined> {
    const answer = await this.#order({ kind: 'explain', call });
    return answer.kind === 'explained' ? answer.explanation : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }

  async #order(order: Work): Promise<Answer['answer']> {
    this.#orders += 1;
    const answer = this.#answerTo(this.#orders, ORDER_TIME);
    this.#thread.postMessage({ number: this.#orders, order } satisfies Order, []);
    try {
      return await answer;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw failed(error);
    }
  }

  async #answerTo(number: number, time: number): Promise<Answer['answer']> {
    const waiting = Promise.withResolvers<Answer['answer']>();
    if (this.#broken) waiting.reject(this.#broken);
    this.#waiting.set(number, waiting);
    const limit = setTimeout(() => waiting.reject(new Error(`no answer within ${time} ms`)), time);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(number);
    }
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}

function failed(error: unknown): CodedError {
  return new CodedError('policy_failed', {
    message:
      'The policies could not be evaluated: they took too long or broke the policy engine. Make them simpler, and try again.',
    detail: errorText(error),
    cause: error,
  });
}
