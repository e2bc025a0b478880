import { Instrumented } from '../instrumented/instrumented.js';
import { STAGES, stagePath, type Stage } from '../instrumented/stage-names.js';
import { median } from '../table/pairs.js';
import type { Row, Section } from '../table/row.js';
import { contest, ratesOf, type Contender, type Standing } from './contest.js';
import { manyCalls, SERVER, type Field } from './field.js';

const ADDS: Readonly<Record<Stage | 'outcome', string>> = {
  accept: 'HTTP server, route, body read',
  receive: '+ receive: JSON, era, headers',
  identify: '+ identify: token, session, bounds',
  decide: '+ route, decide',
  intent: '+ intent, durable',
  credential: '+ credential',
  forward: '+ forward by the product, redact',
  outcome: '+ outcome, durable: the whole product',
};

/**
 * The steps of a call switched on one by one, with a bearer token; up to `credential` the bytes then go on as in the bare
 * proxy. A step's price is the time of a call at full load, with and without it.
 */
export async function measureStages({ load, rounds, upstream, bare, sqlite }: Field): Promise<Section> {
  using _instrumented = await Instrumented.start(sqlite, upstream);
  const at = (path: string) => manyCalls(sqlite.at(path, sqlite.clients.bearer));
  const contenders: Contender[] = [
    ...STAGES.map((stage) => ({ about: about(stage), job: at(stagePath(stage, SERVER)) })),
    { about: about('outcome'), job: at(`/mcp/${SERVER}`) },
  ];
  const baseline = manyCalls({ url: `${bare}/${SERVER}` });
  const standings = await contest({ load, rounds, baseline }, contenders);
  return {
    title: 'Stage by stage, bearer, 64 connections: answers a second ÷ those of a bare proxy',
    rows: standings.map((standing, index) => priced(standing, standings[index - 1])),
  };
}

function about(stage: Stage | 'outcome') {
  return { id: `stage-${stage}`, what: ADDS[stage], unit: 'x' as const };
}

function priced({ row, pairs }: Standing, before: Standing | undefined): Row {
  if (!pairs || (before && !before.pairs)) return row;
  const price = before?.pairs ? timeOf(pairs) - timeOf(before.pairs) : medianExtra(pairs);
  return { ...row, detail: `${row.detail}, ${price < 0 ? '' : '+'}${price.toFixed(0)} µs a call` };
}

type Pairs = NonNullable<Standing['pairs']>;

/** Microseconds of a call at full load. The same bare proxy beside each stage takes the machine's moods out. */
function timeOf(pairs: Pairs): number {
  const bare = median(pairs.map(([, baseline]) => 1e6 / baseline.rate));
  return bare / median(ratesOf(pairs).map(([own, baseline]) => own / baseline));
}

function medianExtra(pairs: Pairs): number {
  return median(ratesOf(pairs).map(([own, baseline]) => 1e6 / own - 1e6 / baseline));
}
