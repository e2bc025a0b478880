import { Worker } from 'node:worker_threads';
import { errorText } from '#shared/errors.js';
import { compilePolicies, type CompileRequest } from '../compile.js';
import type { Fault } from '../../config/settings.js';
import { NO_POLICIES } from '../evaluate/evaluate.js';
import { isTestFile } from '../tests/read-cases.js';
import type { TestReport, TestRequest } from '../tests/test-policies.js';
import { KnownCompilations } from './known-compilations.js';
import { prepared, type Prepared } from './prepared.js';

/** One set of policies to compile or to test, as it goes to the thread. */
export type Order = { readonly number: number } & Work;

type Work =
  | { readonly kind: 'compile'; readonly request: CompileRequest }
  | { readonly kind: 'test'; readonly request: TestRequest };

/** What was asked for. */
export interface Answer {
  readonly number: number;
  readonly compilation?: Prepared;
  readonly report?: TestReport;
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
 * Compiles and tests policies in a thread of its own: to check thousands takes seconds, and a text that breaks the engine breaks
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
  readonly compile = async (...request: CompileRequest): Promise<Prepared> => {
    const known = this.#known.find(request);
    if (known) return known;
    const answer = await this.#inTurn({ kind: 'compile', request });
    if (typeof answer === 'string') return refused(answer);
    const { compilation = refused(NO_ANSWER) } = answer;
    if (answer.compilation !== undefined) this.#known.add(request, compilation);
    return compilation;
  };

  /** Never rejects: tests that could not be run are a fault that says why. */
  readonly test = async (...request: TestRequest): Promise<TestReport> => {
    if (!request[0].some(isTestFile)) return { faults: [], outcomes: [] };
    const answer = await this.#inTurn({ kind: 'test', request });
    if (typeof answer === 'string') return { faults: [refusal('tests', answer)], outcomes: [] };
    return answer.report ?? { faults: [refusal('tests', NO_ANSWER)], outcomes: [] };
  };

  /** What was compiled before, of exactly this. */
  known(...request: CompileRequest): Prepared | undefined {
    return this.#known.find(request);
  }

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

  /** The reason where there is no answer. */
  async #inTurn(work: Work): Promise<Answer | string> {
    if (this.#waiting >= this.bounds.queue) return 'too many sets of policies wait to be checked';
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#outcome(work));
    this.#last = turn.then(() => (this.#waiting -= 1));
    return turn;
  }

  async #outcome(work: Work): Promise<Answer | string> {
    try {
      return await this.#answer(work);
    } catch (error) {
      await this.end();
      return errorText(error);
    }
  }

  /** Rejects where the thread breaks down or takes too long. */
  async #answer(work: Work): Promise<Answer> {
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
      thread.postMessage({ number, ...work } satisfies Order, []);
      const answer = await promise;
      if (answer.broken) await this.end();
      return answer;
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

const NO_ANSWER = 'the check gave no answer';

function refused(why: string): Prepared {
  const faults = [refusal('policies', why)];
  return { faults, misfits: [], unseen: [], warnings: [], policies: NO_POLICIES, traits: {} };
}

function refusal(what: 'policies' | 'tests', why: string): Fault {
  return {
    file: 'policies',
    line: 1,
    column: 1,
    key: '',
    message: `the ${what === 'tests' ? 'tests of the policies could not be run' : 'policies could not be checked'}: ${why}`,
    fix: 'try again; if it happens again, make them fewer or shorter',
  };
}
