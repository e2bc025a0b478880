import type { Target } from '../load/calls.js';
import type { LoadJob } from '../load/job.js';
import { summaryOf } from '../table/pairs.js';
import { measured, type About, type Row, type Section } from '../table/row.js';
import { contest, timesOf, type Contender, type Standing } from './contest.js';
import { manyCalls, oneCall, SERVER, type Field } from './field.js';

type Call = (to: Target) => LoadJob;

/** The control plane, with everything on, against a bare proxy in front of the same server: many callers at once. */
export async function measureManyCallers(field: Field): Promise<Section> {
  const postgres = await field.postgres();
  const standings = await contest(againstBare(field, manyCalls), [
    ...plain(field, manyCalls, '64'),
    ours('bearer-64', 'control plane, bearer', 'bearer', field.sqlite, manyCalls, 0.6),
    ours('dpop-64', 'control plane, DPoP', 'bound', field.sqlite, manyCalls, 0.35),
    ours('bearer-64-postgres', 'control plane on PostgreSQL, bearer', 'bearer', postgres, manyCalls, 0.5),
    ours('dpop-64-postgres', 'control plane on PostgreSQL, DPoP', 'bound', postgres, manyCalls, 0.3),
  ]);
  const rows = standings.map(({ row }) => row);
  return { title: 'Calls over 64 connections: answers a second ÷ those of a bare proxy', rows };
}

/** One caller; `commit`: milliseconds of one durable commit. */
export async function measureOneCaller(field: Field, commit: number): Promise<Section> {
  const postgres = await field.postgres();
  const standings = await contest(againstBare(field, oneCall), [
    ...plain(field, oneCall, '1'),
    ours('bearer-1', 'control plane, bearer', 'bearer', field.sqlite, oneCall),
    ours('dpop-1', 'control plane, DPoP', 'bound', field.sqlite, oneCall),
    ours('bearer-1-postgres', 'control plane on PostgreSQL, bearer', 'bearer', postgres, oneCall),
  ]);
  const bearer = standings.find(({ about }) => about.id === 'bearer-1');
  const rows = [...standings.map(({ row }) => row), await addedRow(bearer, commit)];
  return { title: 'Calls over 1 connection: answers a second ÷ those of a bare proxy', rows };
}

function againstBare({ load, rounds, bare }: Field, call: Call) {
  return { load, rounds, baseline: call({ url: `${bare}/${SERVER}` }) };
}

function plain({ upstream, nginx }: Field, call: Call, suffix: string): Contender[] {
  const behindNginx = 'url' in nginx ? call({ url: `${nginx.url}/${SERVER}` }) : nginx;
  return [
    { about: rate(`direct-${suffix}`, 'the server itself'), job: call({ url: `${upstream}/${SERVER}` }) },
    { about: rate(`nginx-${suffix}`, 'nginx, no logic'), job: behindNginx },
  ];
}

function ours(
  id: string,
  what: string,
  kind: 'bearer' | 'bound',
  company: Awaited<ReturnType<Field['postgres']>>,
  call: Call,
  atLeast?: number,
): Contender {
  const job = 'clients' in company ? call(company.at(`/mcp/${SERVER}`, company.clients[kind])) : company;
  return { about: rate(id, what, atLeast), job };
}

function rate(id: string, what: string, atLeast?: number): About {
  return { id, what, unit: 'x', ...(atLeast === undefined ? {} : { target: { atLeast } }) };
}

/** What the control plane adds to a bare proxy's time, in durable commits on this disk. */
function addedRow(bearer: Standing | undefined, commit: number): Promise<Row> {
  const about: About = { id: 'added', what: 'added p50 ÷ one durable commit', unit: 'x', target: { atMost: 2.5 } };
  return measured(about, async () => {
    if (!bearer?.pairs) throw new Error('the bearer row above is missing');
    const { own, baseline, difference } = summaryOf(timesOf(bearer.pairs));
    const detail = `${own.toFixed(2)} − ${baseline.toFixed(2)} ms, commit ${commit.toFixed(2)} ms`;
    return { value: difference / commit, detail };
  });
}
