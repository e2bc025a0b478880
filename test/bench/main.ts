import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { freePorts } from '../../demo/stack/ports.js';
import { measureBridge } from './bridge.js';
import { startCompany } from './company.js';
import { measureCommit } from './commit.js';
import { measureGateway } from './gateway.js';
import { start } from './process.js';
import { printTable, type Row } from './table.js';

const { values } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1 on.');

const [upstreamPort, barePort] = await freePorts([0, 0]);
const upstream = `http://127.0.0.1:${upstreamPort}`;
const bare = `http://127.0.0.1:${barePort}`;
const parts = [
  await start('upstream', { PORT: String(upstreamPort) }),
  await start('bare-proxy', { PORT: String(barePort), UPSTREAM: upstream }),
];
const company = await startCompany(upstream, 50);
try {
  const rows: Row[] = [
    ...(await measureGateway({ company, upstream, bare, rounds, commit: await measureCommit() })),
    ...(await measureBridge(company)),
  ];
  printTable(rows);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(summary(rows), undefined, 2)}\n`);
} finally {
  await company.stop();
  for (const part of parts) part.kill('SIGKILL');
}

function summary(rows: readonly Row[]) {
  const of = (id: string): number | null => rows.find((row) => row.id === id)?.value ?? null;
  return { ratios: { bearer: of('bearer-64'), dpop: of('dpop-64'), initialize: of('initialize') }, rows };
}
