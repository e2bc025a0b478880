import { asCoded, errorText } from '#shared/errors.js';
import type { Check, Evidence, Outcome, Scene } from './check.js';
import { COMMON_FAULTS } from './faults/faults.js';
import { describeFault, type CheckName, type Finding, type Found } from './finding.js';

/** Milliseconds for everything together. */
const WHOLE_LIMIT = 20_000;

export type DoctorEvent =
  | { readonly type: 'started'; readonly check: CheckName; readonly title: string }
  | { readonly type: 'finished'; readonly check: CheckName; readonly findings: readonly Finding[] };

interface Result {
  readonly findings: readonly Finding[];
  /** Whether what needs this check can go on. */
  readonly passed: boolean;
}

/**
 * Runs the checks, each as soon as what it needs is known, and tells what happens as it happens. Ends within `limit` ms:
 * what is not finished by then is said to be so.
 */
export async function* diagnose(
  scene: Scene,
  checks: readonly Check[],
  limit = WHOLE_LIMIT,
): AsyncGenerator<DoctorEvent, Finding[]> {
  const events = new EventQueue();
  // The timers of signals keep no process alive, and a check that hangs need not either.
  const alive = setTimeout(() => undefined, limit);
  const whole = AbortSignal.timeout(limit);
  const results = new Map<CheckName, Promise<Result>>();
  let evidence: Evidence = {};
  const runOne = async (check: Check): Promise<Result> => {
    const missing = await firstFailed(check, results);
    events.put({ type: 'started', check: check.name, title: check.title });
    const result = missing
      ? skippedFor(check, missing, checks)
      : await attempt(check, whole, (signal) => run(check, signal));
    events.put({ type: 'finished', check: check.name, findings: result.findings });
    return result;
  };
  const run = async (check: Check, signal: AbortSignal): Promise<Outcome> => {
    const outcome = await check.run(scene, evidence, signal);
    evidence = { ...evidence, ...outcome.learnt };
    return outcome;
  };
  for (const check of checks) results.set(check.name, runOne(check));
  const all = Promise.all(results.values());
  all.then(
    () => events.end(),
    (error: unknown) => events.end(error),
  );
  try {
    yield* events.read();
    return (await all).flatMap(({ findings }) => findings);
  } finally {
    clearTimeout(alive);
  }
}

async function firstFailed(
  check: Check,
  results: ReadonlyMap<CheckName, Promise<Result>>,
): Promise<CheckName | undefined> {
  for (const name of check.needs) if (!((await results.get(name))?.passed ?? true)) return name;
  return undefined;
}

function skippedFor({ name }: Check, missing: CheckName, all: readonly Check[]): Result {
  const title = all.find((check) => check.name === missing)?.title ?? missing;
  return {
    findings: [{ check: name, state: 'skipped', detail: `Not looked at, because of: ${title}.` }],
    passed: false,
  };
}

async function attempt(
  check: Check,
  whole: AbortSignal,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Result> {
  const started = performance.now();
  const signal = AbortSignal.any([whole, AbortSignal.timeout(check.limit)]);
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new CutOff());
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const { found } = await Promise.race([run(signal), cut]);
    const findings = found.map((one) => withName(check.name, one));
    return { findings, passed: findings.every(({ state }) => state !== 'failed') };
  } catch (error) {
    const isCut = error instanceof CutOff || signal.aborted;
    const seconds = Math.ceil((performance.now() - started) / 1000);
    const problem = error instanceof CutOff ? '' : (asCoded(error).detail ?? errorText(error));
    const name = isCut ? 'not_finished' : 'check_broken';
    const form = { ...COMMON_FAULTS[name], state: 'failed' as const, code: isCut ? check.code : ('internal' as const) };
    return { findings: [{ check: check.name, ...describeFault(name, form, { seconds, problem }) }], passed: false };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function withName(check: CheckName, one: Found): Finding {
  return { check, ...one };
}

class CutOff extends Error {}

/** What has happened and was not read yet; as many events as there are checks, twice. */
class EventQueue {
  readonly #events: DoctorEvent[] = [];
  #changed = Promise.withResolvers<void>();
  #ended = false;

  put(event: DoctorEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  end(error?: unknown): void {
    this.#ended = true;
    if (error !== undefined) this.#changed.reject(error);
    this.#wake();
  }

  async *read(): AsyncGenerator<DoctorEvent> {
    for (;;) {
      while (this.#events.length > 0) yield this.#events.shift()!;
      if (this.#ended) return;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers<void>();
    }
  }

  #wake(): void {
    this.#changed.resolve();
  }
}
