import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { freePorts } from '../../demo/stack/ports.js';
import { PostgresServer } from '../support/postgres-server.js';
import { catalogOf, type Catalog } from './company/catalog.js';
import { Company } from './company/company.js';
import { LoadGenerator } from './load/generator.js';
import { measureAudit } from './measures/audit.js';
import { measureBridge } from './measures/bridge.js';
import { measureCommit } from './measures/commit.js';
import { measureDecisions } from './measures/decisions.js';
import { measureIdleBridges } from './measures/idle-bridges.js';
import { measurePolicies } from './measures/policies.js';
import type { Field } from './measures/field.js';
import { measureOtherGateways } from './measures/other-gateways.js';
import { measureManyCallers, measureOneCaller } from './measures/rates.js';
import { measureSizes } from './measures/sizes.js';
import { measureStages } from './measures/stages.js';
import { Nginx } from './peers/nginx.js';
import { OtherGateways } from './peers/other-gateways.js';
import { Part } from './process.js';
import { tableOf } from './table/print-table.js';
import { failed, notMeasured, type Row, type Section } from './table/row.js';

const SERVERS = 50;
const CORES_FOR_TWO = 6;

const { values } = parseArgs({
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '4' }, only: { type: 'string' } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1 on.');

// Each part ends with this process at the latest.
process.setMaxListeners(100);
const parts = new AsyncDisposableStack();
const sections: Section[] = [];
let code = 0;
try {
  const outcome = await Promise.race([measureAll(), interrupted()]);
  report(sections);
  code = outcome ?? (sections.some(({ rows }) => rows.some((row) => row.failed)) ? 1 : 0);
} finally {
  await parts.disposeAsync();
}
process.exit(code);

function report(measured: readonly Section[]): void {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  if (measured.length > 0) console.log(`\n${tableOf(measured)}\n\n${machine}`);
  const rows = measured.flatMap((section) => section.rows);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(summary(rows), undefined, 2)}\n`);
}

async function measureAll(): Promise<undefined> {
  const field = await startField();
  const others = parts.use(new OtherGateways(field.upstream));
  const steps: Readonly<Record<string, () => Promise<Section | Section[]>>> = {
    many: () => measureManyCallers(field),
    one: async () => measureOneCaller(field, await measureCommit()),
    large: () => measureSizes(field),
    gateways: () => measureOtherGateways(field, others),
    bridge: () => measureBridge(field.sqlite, field.load),
    stages: () => measureStages(field),
    memory: async () => ({ title: 'Many bridges', rows: [await measureIdleBridges(field), twoProcesses()] }),
    decisions: () => measureDecisions(),
    policies: async () => ({ title: 'Many policies', rows: [await measurePolicies(field)] }),
    audit: () => measureRecords(),
  };
  const wanted = values.only?.split(',') ?? Object.keys(steps);
  for (const name of wanted) {
    const step = steps[name];
    if (!step) throw new Error(`--only takes some of ${Object.keys(steps).join(',')}.`);
    console.error(`${Math.round(performance.now() / 1_000)} s: ${name} …`);
    sections.push(...[await step().catch((error: unknown) => brokenOff(name, error))].flat());
  }
}

/** A part that could not even begin. */
function brokenOff(name: string, error: unknown): Section {
  return { title: name, rows: [failed({ id: name, what: 'all of it', unit: 'x' }, error)] };
}

/** Resolves to the exit code. Further signals are ignored: everything is being stopped already. */
function interrupted(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve(130));
  return promise;
}

async function startField(): Promise<Field> {
  const [upstreamPort = 0, barePort = 0] = await freePorts([0, 0]);
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  parts.use(await Part.start('upstream', { PORT: `${upstreamPort}` }));
  parts.use(await Part.start('bare-proxy', { PORT: `${barePort}`, UPSTREAM: upstream }));
  const nginx = await Nginx.start(upstream);
  if (nginx instanceof Nginx) parts.use(nginx);
  const catalog = catalogOf(upstream, SERVERS);
  let postgres: ReturnType<Field['postgres']> | undefined;
  return {
    load: parts.use(new LoadGenerator()),
    rounds,
    upstream,
    bare: `http://127.0.0.1:${barePort}`,
    nginx,
    sqlite: parts.use(await Company.start({ catalog })),
    postgres: () => (postgres ??= onPostgres(catalog)),
  };
}

async function onPostgres(catalog: Catalog): ReturnType<Field['postgres']> {
  if (PostgresServer.installed() === undefined) {
    return { absent: 'PostgreSQL is not installed; run: apt-get install -y postgresql' };
  }
  try {
    const server = parts.use(await PostgresServer.start());
    return parts.use(await Company.start({ catalog, database: await server.createDatabase() }));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function measureRecords(): Promise<Section[]> {
  const onSqlite = await measureAudit('SQLite');
  if (PostgresServer.installed() === undefined) return [onSqlite];
  await using server = await PostgresServer.start();
  return [onSqlite, await measureAudit('PostgreSQL', await server.createDatabase())];
}

/** Load, servers and disk would share the cores of a small machine with both processes. */
function twoProcesses(): Row {
  const about = { id: 'two-processes', what: 'two processes ÷ one', unit: 'x' as const, target: { atLeast: 1.7 } };
  return notMeasured(about, `needs ${CORES_FOR_TWO} cores, here are ${availableParallelism()}`);
}

function summary(rows: readonly Row[]) {
  const of = (id: string): number | null => rows.find((row) => row.id === id)?.value ?? null;
  return { ratios: { bearer: of('bearer-64'), dpop: of('dpop-64'), initialize: of('initialize') }, rows };
}
