/** The median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Pair {
  /** Medians of each side. */
  readonly a: number;
  readonly b: number;
  /** Median of the ratios a ÷ b, pair by pair: what the machine did meanwhile hit both. */
  readonly ratio: number;
}

/** Measures two things in turn, `rounds` times, after one round that does not count. */
export async function inPairs(rounds: number, a: () => Promise<number>, b: () => Promise<number>): Promise<Pair> {
  await a();
  await b();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    pairs.push(round % 2 === 0 ? [await a(), await b()] : swapped([await b(), await a()]));
  }
  return {
    a: median(pairs.map(([first]) => first)),
    b: median(pairs.map(([, second]) => second)),
    ratio: median(pairs.map(([first, second]) => first / second)),
  };
}

function swapped([first, second]: [number, number]): [number, number] {
  return [second, first];
}
