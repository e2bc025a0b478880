/** What a subject was, each time beside the baseline of the same moment: what the machine did meanwhile hit both. */
export type Pairs<T> = readonly (readonly [own: T, baseline: T])[];

/** The median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians over the pairs: of each side, of the ratios, and of the differences. */
export function summaryOf(pairs: Pairs<number>): {
  readonly own: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly difference: number;
} {
  return {
    own: median(pairs.map(([own]) => own)),
    baseline: median(pairs.map(([, baseline]) => baseline)),
    ratio: median(pairs.map(([own, baseline]) => own / baseline)),
    difference: median(pairs.map(([own, baseline]) => own - baseline)),
  };
}

/**
 * Measures subjects next to a baseline, `rounds` times after one round that does not count: two subjects share the
 * baseline between them, and every second round runs backwards. A subject that throws is not measured again; its
 * place in the result is the error. Rejects where the baseline does.
 */
export async function besideBaseline<T>(
  rounds: number,
  baseline: () => Promise<T>,
  subjects: readonly (() => Promise<T>)[],
): Promise<(Pairs<T> | Error)[]> {
  const results = subjects.map((): [T, T][] | Error => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const turn of turnsOf(subjects.length, round % 2 === 1)) {
      const measured = new Map<number, T>();
      let beside: T | undefined;
      for (const index of turn) {
        if (index === BASELINE) beside = await baseline();
        else if (Array.isArray(results[index])) {
          const outcome = await subjects[index]!().catch(asError);
          if (outcome instanceof Error) results[index] = outcome;
          else measured.set(index, outcome);
        }
      }
      for (const [index, own] of measured) {
        const pairs = results[index];
        if (round > 0 && Array.isArray(pairs)) pairs.push([own, beside!]);
      }
    }
  }
  return results;
}

const BASELINE = -1;

/** Which subjects are measured around one baseline: 0 – 1, 2 – 3 and so on, or all of it backwards. */
function turnsOf(subjects: number, backwards: boolean): number[][] {
  const turns = Array.from({ length: Math.ceil(subjects / 2) }, (_, turn) =>
    [2 * turn, BASELINE, 2 * turn + 1].filter((index) => index < subjects),
  );
  return backwards ? turns.toReversed().map((turn) => turn.toReversed()) : turns;
}

/** Measures one thing beside another. */
export async function inPairs(
  rounds: number,
  own: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<ReturnType<typeof summaryOf>> {
  const [pairs] = await besideBaseline(rounds, baseline, [own]);
  if (pairs instanceof Error) throw pairs;
  return summaryOf(pairs!);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
