import { calling, listing, type Target } from '../load/calls.js';
import type { LoadJob } from '../load/job.js';
import { median } from '../table/pairs.js';
import { measured, type About, type Row, type Section } from '../table/row.js';
import { contest } from './contest.js';
import { SECONDS, SERVER, type Field } from './field.js';

const LARGE: About = {
  id: 'large',
  what: '5 MB results, 4 connections: rate ÷ bare proxy',
  unit: 'x',
  target: { atLeast: 0.8 },
};
const LIST: About = {
  id: 'list',
  what: 'tools/list over 50 servers × 20 tools, warm: p50',
  unit: 'ms',
  target: { atMost: 5 },
};
const LIST_RUNS = 3;

/** Answers that are large. */
export async function measureSizes(field: Field): Promise<Section> {
  const { load, rounds, bare, sqlite } = field;
  const job = largeCall(sqlite.at(`/mcp/${SERVER}`, sqlite.clients.bearer));
  const baseline = largeCall({ url: `${bare}/${SERVER}` });
  const standings = await contest({ load, rounds, baseline }, [{ about: LARGE, job }]);
  return { title: 'Large answers', rows: [...standings.map(({ row }) => row), await listRow(field)] };
}

function largeCall(to: Target): LoadJob {
  return calling('large', to, 4, SECONDS);
}

function listRow({ load, sqlite }: Field): Promise<Row> {
  return measured(LIST, async () => {
    const job = listing(sqlite.at('/mcp', sqlite.clients.bearer), 1, SECONDS);
    await load.run(job);
    const times: number[] = [];
    for (let run = 0; run < LIST_RUNS; run += 1) times.push((await load.run(job)).p50);
    return { value: median(times), detail: 'the demo’s own servers are in it too' };
  });
}
