import { Worker } from 'node:worker_threads';
import { errorText } from '#shared/errors.js';
import { compilePolicies, type CompileRequest } from '../compile.js';
import type { JudgeRequest } from '../judge-policies.js';
import { NO_POLICIES } from '../evaluate/evaluate.js';
import { KnownCompilations } from './known-compilations.js';
import { prepared, type Prepared } from './prepared.js';

/** One set of policies: only compiled, or with its tests. */
export type Work =
  | { readonly does: 'compile'; readonly request: CompileRequest }
  | { readonly does: 'judge'; readonly request: JudgeRequest };

/** As it goes to the thread. */
export interface Order {
  readonly number: number;
  readonly work: Work;
}

export interface Answer {
  readonly number: number;
  readonly compilation: Prepared;
  /** The thread's engine broke down over it, for good. */
  readonly broken: boolean;
}

interface Bounds {
  /** Milliseconds for one set, from its turn on. */
  readonly time: number;
  /** Sets that wait for their turn. */
  readonly queue: number;
  /** Of the thread's heap, in MB. */
  readonly memory: number;
}

const BOUNDS: Bounds = { time: 60_000, queue: 16, memory: 1_024 };
const PROGRAM = new URL('./compilation-thread.js', import.meta.url);

/**
 * Compiles policies in a thread of its own: to check thousands takes seconds, and a text that breaks the engine breaks
 * that of its thread alone. The thread starts when there is something to check, and ends with the process.
 */
export class PolicyCompiler {
  readonly #known = new KnownCompilations<Prepared>();
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #orders = 0;

  constructor(
    private readonly bounds: Bounds = BOUNDS,
    private readonly program: URL = PROGRAM,
  ) {}

  /** Never rejects: what could not be checked is refused by a fault that says why. */
  async compile(...request: CompileRequest): Promise<Prepared> {
    const known = this.#known.find(request);
    if (known) return known;
    const { compilation, done } = await this.#inTurn({ does: 'compile', request });
    if (done) this.#known.add(request, compilation);
    return compilation;
  }

  /** The same with the tests of the set, which are run each time. What they pass is known to be compiled. */
  readonly judge = async (...request: JudgeRequest): Promise<Prepared> => {
    const { compilation } = await this.#inTurn({ does: 'judge', request });
    const [files, , settings, known] = request;
    if (settings && compilation.faults.length === 0) this.#known.add([files, settings, known], compilation);
    return compilation;
  };

  /** At once and in this thread, unless it was compiled before: for what is started with, when nothing is served yet. */
  compileNow(...request: CompileRequest): Prepared {
    const known = this.#known.find(request);
    if (known) return known;
    const compilation = prepared(compilePolicies(...request));
    this.#known.add(request, compilation);
    return compilation;
  }

  /** Ends the thread. The next set starts another. */
  async end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  async #inTurn(work: Work): Promise<Outcome> {
    if (this.#waiting >= this.bounds.queue) return refused('too many sets of policies wait to be checked');
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#outcome(work));
    this.#last = turn.then(() => (this.#waiting -= 1));
    return turn;
  }

  async #outcome(work: Work): Promise<Outcome> {
    try {
      return { compilation: await this.#answer(work), done: true };
    } catch (error) {
      await this.end();
      return refused(errorText(error));
    }
  }

  /** Rejects where the thread breaks down or takes too long. */
  async #answer(work: Work): Promise<Prepared> {
    const thread = (this.#thread ??= this.#start());
    const number = (this.#orders += 1);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onMessage = (answer: Answer): void => {
      if (answer.number === number) resolve(answer);
    };
    const onExit = (code: number): void => reject(new Error(`the check ended (exit code ${code})`));
    const limit = setTimeout(
      () => reject(new Error(`the check took more than ${this.bounds.time} ms`)),
      this.bounds.time,
    );
    thread.on('message', onMessage).once('error', reject).once('exit', onExit);
    try {
      thread.postMessage({ number, work } satisfies Order, []);
      const { compilation, broken } = await promise;
      if (broken) await this.end();
      return compilation;
    } finally {
      clearTimeout(limit);
      thread.off('message', onMessage).off('error', reject).off('exit', onExit);
    }
  }

  #start(): Worker {
    const thread = new Worker(this.program, {
      resourceLimits: { maxOldGenerationSizeMb: this.bounds.memory },
      env: {},
    });
    thread.unref();
    // Whatever happens while nothing is asked of it: the next set gets a new one.
    thread
      .on('error', () => undefined)
      .on('exit', () => {
        if (this.#thread === thread) this.#thread = undefined;
      });
    return thread;
  }
}

/** One for the process: its thread, and what it knows, serve whoever asks. */
export const policyCompiler = new PolicyCompiler();

interface Outcome {
  readonly compilation: Prepared;
  /** False where the thread gave no answer. */
  readonly done: boolean;
}

function refused(why: string): Outcome {
  const fault = {
    file: 'policies',
    line: 1,
    column: 1,
    key: '',
    message: `the policies could not be checked: ${why}`,
    fix: 'try again; if it happens again, make them fewer or shorter',
  };
  return { compilation: { faults: [fault], misfits: [], policies: NO_POLICIES, traits: {} }, done: false };
}
