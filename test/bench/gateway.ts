import { calling, listing, type Target } from './calls.js';
import type { Company } from './company.js';
import { inPairs } from './pairs.js';
import { load } from './process.js';
import type { LoadJob } from './load-job.js';
import type { Row } from './table.js';

const SECONDS = 3;
const TOOL = 'tool_00';

export interface GatewayBench {
  readonly company: Company;
  readonly upstream: string;
  readonly bare: string;
  readonly rounds: number;
  /** Milliseconds of one durable commit. */
  readonly commit: number;
}

/** The control plane, with everything on, against a bare proxy in front of the same server. */
export async function measureGateway({ company, upstream, bare, rounds, commit }: GatewayBench): Promise<Row[]> {
  const { listen, publicUrl } = company.stack.addresses;
  const at = (path: string, clients: Target['clients']): Target => {
    return { url: `http://${listen}${path}`, target: `${publicUrl}${path}`, ...(clients ? { clients } : {}) };
  };
  const plain: Target = { url: `${bare}/bench0` };
  const bearer = at('/mcp/bench0', company.bearer);
  const bound = at('/mcp/bench0', company.bound);
  const rate = (id: string, what: string, to: Target, connections: number, target?: Row['target'], tool = TOOL) =>
    rateRow(
      { id, what, rounds, ...(target ? { target } : {}) },
      calling(tool, to, connections, SECONDS),
      calling(tool, plain, connections, SECONDS),
    );
  return [
    await rate('direct-64', 'direct, 64 connections: rps ÷ bare proxy', { url: `${upstream}/bench0` }, 64),
    await rate('direct-1', 'direct, 1 connection: rps ÷ bare proxy', { url: `${upstream}/bench0` }, 1),
    await rate('bearer-64', 'bearer, 64 connections: rps ÷ bare proxy', bearer, 64, { atLeast: 0.6 }),
    await rate('dpop-64', 'DPoP, 64 connections: rps ÷ bare proxy', bound, 64, { atLeast: 0.35 }),
    await rate('bearer-1', 'bearer, 1 connection: rps ÷ bare proxy', bearer, 1),
    await rate('large', '5 MB results, 4 connections: rps ÷ bare proxy', bearer, 4, { atLeast: 0.8 }, 'large'),
    await addedTime(bearer, plain, rounds, commit),
    await listTime(at('/mcp', company.bearer), rounds),
  ];
}

interface About {
  readonly id: string;
  readonly what: string;
  readonly rounds: number;
  readonly target?: Row['target'];
}

async function rateRow({ id, what, rounds, target }: About, ours: LoadJob, theirs: LoadJob): Promise<Row> {
  const { a, b, ratio } = await inPairs(
    rounds,
    () => rateOf(ours),
    () => rateOf(theirs),
  );
  const detail = `${a.toFixed(0)} ÷ ${b.toFixed(0)} a second`;
  return { id, what, value: ratio, unit: 'x', detail, ...(target ? { target } : {}) };
}

async function rateOf(job: LoadJob): Promise<number> {
  const { answers, seconds } = await load(job);
  return answers / seconds;
}

async function medianTime(job: LoadJob): Promise<number> {
  return (await load(job)).p50;
}

async function addedTime(bearer: Target, plain: Target, rounds: number, commit: number): Promise<Row> {
  const { a, b } = await inPairs(
    rounds,
    () => medianTime(calling(TOOL, bearer, 1, SECONDS)),
    () => medianTime(calling(TOOL, plain, 1, SECONDS)),
  );
  return {
    id: 'added',
    what: 'added p50 at one connection ÷ one durable commit',
    value: (a - b) / commit,
    unit: 'x',
    target: { atMost: 2.5 },
    detail: `${a.toFixed(2)} − ${b.toFixed(2)} ms, commit ${commit.toFixed(2)} ms`,
  };
}

async function listTime(to: Target, rounds: number): Promise<Row> {
  const ask = (): Promise<number> => medianTime(listing(to, 1, SECONDS));
  const { a } = await inPairs(Math.min(rounds, 3), ask, ask);
  return {
    id: 'list',
    what: 'tools/list over 50 servers × 20 tools, warm, p50',
    value: a,
    unit: 'ms',
    target: { atMost: 5 },
    detail: 'with the demo’s own servers beside them',
  };
}
