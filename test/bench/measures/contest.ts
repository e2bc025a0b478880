import { besideBaseline, summaryOf, type Pairs } from '../table/pairs.js';
import { failed, figure, notMeasured, type About, type Row } from '../table/row.js';
import type { LoadGenerator, Sample } from '../load/generator.js';
import type { LoadJob } from '../load/job.js';

/** Whoever is measured beside the bare proxy. */
export interface Contender {
  readonly about: About;
  /** The load, or why there is none. */
  readonly job: LoadJob | { readonly absent: string } | Error;
}

export interface Contest {
  readonly load: LoadGenerator;
  readonly rounds: number;
  /** The same load on the bare proxy. */
  readonly baseline: LoadJob;
}

export interface Standing extends Contender {
  readonly pairs: Pairs<Sample> | undefined;
  readonly row: Row;
}

/** Puts the same load on all of them in turn, with the bare proxy in between: answers a second ÷ those of the bare proxy. */
export async function contest(
  { load, rounds, baseline }: Contest,
  contenders: readonly Contender[],
): Promise<Standing[]> {
  const present = contenders.flatMap(({ job }) => ('url' in job ? [job] : []));
  const results = await besideBaseline(
    rounds,
    () => load.run(baseline),
    present.map((job) => () => load.run(job)),
  );
  return contenders.map((contender) => {
    const { about, job } = contender;
    if (job instanceof Error) return { ...contender, pairs: undefined, row: failed(about, job) };
    if ('absent' in job) return { ...contender, pairs: undefined, row: notMeasured(about, job.absent) };
    const pairs = results[present.indexOf(job)] ?? new Error('there is no result');
    if (pairs instanceof Error) return { ...contender, pairs: undefined, row: failed(about, pairs) };
    return { ...contender, pairs, row: rateRow(about, pairs) };
  });
}

function rateRow(about: About, pairs: Pairs<Sample>): Row {
  const { own, baseline, ratio } = summaryOf(ratesOf(pairs));
  return figure(about, { value: ratio, detail: `${own.toFixed(0)} ÷ ${baseline.toFixed(0)} a second` });
}

export function ratesOf(pairs: Pairs<Sample>): Pairs<number> {
  return pairs.map(([own, baseline]) => [own.rate, baseline.rate]);
}

export function timesOf(pairs: Pairs<Sample>): Pairs<number> {
  return pairs.map(([own, baseline]) => [own.p50, baseline.p50]);
}
