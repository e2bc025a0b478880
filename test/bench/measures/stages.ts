import { Instrumented } from '../instrumented/instrumented.js';
import { stagePath, type Stage } from '../instrumented/stage-names.js';
import type { LoadClient } from '../load/job.js';
import { median } from '../table/pairs.js';
import type { Row, Section } from '../table/row.js';
import { contest, type Contender } from './contest.js';
import { manyCalls, SERVER, type Field } from './field.js';

interface Step {
  readonly id: string;
  readonly what: string;
  readonly path: string;
  /** The row whose steps it adds to; the bare proxy where absent. */
  readonly after?: string;
  readonly clients?: 'bound';
}

/** Each row is one step more than the one it names. */
const STEPS: readonly Step[] = [
  step('accept', 'HTTP server, route, body read'),
  step('receive', '+ receive: JSON, era, headers', 'accept'),
  step('identify', '+ identify: token, session, bounds', 'receive'),
  { ...step('identify', '  the same with a DPoP proof', 'receive'), id: 'stage-identify-dpop', clients: 'bound' },
  step('decide', '+ route, decide', 'identify'),
  step('intent', '+ intent, durable', 'decide'),
  step('credential', '+ credential', 'intent'),
  step('forward', '+ forward by the product, redact', 'credential'),
  {
    id: 'stage-outcome',
    what: '+ outcome, durable: the whole product',
    path: `/mcp/${SERVER}`,
    after: 'stage-forward',
  },
];

/** The steps of a call switched on one by one; up to `credential`, the bytes then go on as in the bare proxy. */
export async function measureStages({ load, rounds, upstream, bare, sqlite }: Field): Promise<Section> {
  using _instrumented = await Instrumented.start(sqlite, upstream);
  const contenders = STEPS.map((one): Contender => {
    const clients: readonly LoadClient[] = sqlite.clients[one.clients ?? 'bearer'];
    return { about: { id: one.id, what: one.what, unit: 'x' }, job: manyCalls(sqlite.at(one.path, clients)) };
  });
  const baseline = manyCalls({ url: `${bare}/${SERVER}` });
  const standings = await contest({ load, rounds, baseline }, contenders);
  const bareRates = standings.flatMap(({ pairs }) => pairs?.map(([, { rate }]) => rate) ?? []);
  const rows = new Map(standings.map(({ row }) => [row.id, row]));
  return {
    title: 'Stage by stage, bearer, 64 connections: answers a second ÷ those of a bare proxy, and what the step costs',
    rows: STEPS.map(({ id, after }) =>
      priced(rows.get(id)!, after === undefined ? 1 : rows.get(after)?.value, bareRates),
    ),
  };
}

function step(stage: Stage, what: string, after?: Stage): Step {
  const before = after === undefined ? {} : { after: `stage-${after}` };
  return { id: `stage-${stage}`, what, path: stagePath(stage, SERVER), ...before };
}

/** With the time of a call at full load, as far as this step makes it longer. */
function priced(row: Row, ratioBefore: number | null | undefined, bareRates: readonly number[]): Row {
  if (row.value === null || typeof ratioBefore !== 'number') return row;
  const price = (1e6 / median(bareRates)) * (1 / row.value - 1 / ratioBefore);
  return { ...row, detail: `${row.detail}; ${price < 0 ? '' : '+'}${price.toFixed(0)} µs a call` };
}
