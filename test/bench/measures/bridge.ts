import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Laptop } from '../../../demo/walk/laptop.js';
import type { Company } from '../company/company.js';
import type { LoadGenerator } from '../load/generator.js';
import { absenceOf, PROGRAMS } from '../peers/programs.js';
import { besideBaseline, summaryOf } from '../table/pairs.js';
import { failed, figure, notMeasured, type About, type Figure, type Row, type Section } from '../table/row.js';
import { oneCall, SECONDS, SERVER, TOOL } from './field.js';
import { memoryRows, sizeRows, type Bridge } from './footprint.js';
import { StdioClient, type CommandLine } from './stdio-client.js';

const START_ROUNDS = 9;
const CALL_ROUNDS = 4;

/** The built bridge: how soon an AI app has its first answer, and what a call takes longer than over HTTP; others beside it. */
export async function measureBridge(company: Company, load: LoadGenerator): Promise<Section> {
  const laptop = new Laptop('alice', company.stack.folder);
  await laptop.login(company.stack.addresses.publicUrl);
  const own = { ...laptop.commandLine(['bridge', '--server', SERVER]), cwd: laptop.elsewhere };
  const remote = remoteWords(company);
  const bridges: Bridge[] = [
    { id: 'bridge', command: own },
    { id: 'mcp-remote', command: other('mcp-remote', laptop, remote.mcpRemote) },
    { id: 'supergateway', command: other('supergateway', laptop, remote.supergateway) },
  ];
  return {
    title: 'Between an AI app and the control plane (the bridge with DPoP, the others with a bearer token)',
    rows: [
      ...(await startRows(bridges)),
      ...(await callRows(bridges, company, load)),
      ...(await memoryRows(bridges)),
      ...sizeRows(laptop.executable),
    ],
  };
}

function remoteWords({ stack, clients }: Company) {
  const url = `${stack.addresses.publicUrl}/mcp/${SERVER}`;
  const token = clients.bearer[0]?.accessToken ?? '';
  return {
    mcpRemote: [url, '--allow-http', '--header', `Authorization: Bearer ${token}`],
    supergateway: ['--streamableHttp', url, '--oauth2Bearer', token, '--logLevel', 'none'],
  };
}

function other(id: 'mcp-remote' | 'supergateway', laptop: Laptop, words: readonly string[]): Bridge['command'] {
  const absent = absenceOf(id);
  if (absent !== undefined) return { absent };
  const env = { PATH: process.env['PATH'] ?? '', HOME: laptop.home };
  return { command: process.execPath, args: [PROGRAMS[id], ...words], cwd: laptop.elsewhere, env };
}

function aboutStart({ id }: Bridge): About {
  return {
    id: id === 'bridge' ? 'initialize' : `initialize-${id}`,
    what: `${id}: start to initialize answered ÷ bare node start`,
    unit: 'x',
    ...(id === 'bridge' ? { target: { atMost: 1.5 } } : {}),
  };
}

async function startRows(bridges: readonly Bridge[]): Promise<Row[]> {
  return await beside(bridges, aboutStart, START_ROUNDS, bareStart, initializeTime, ({ own, baseline, ratio }) => ({
    value: ratio,
    detail: `${own.toFixed(0)} ÷ ${baseline.toFixed(0)} ms`,
  }));
}

async function callRows(bridges: readonly Bridge[], company: Company, load: LoadGenerator): Promise<Row[]> {
  const direct = oneCall(company.at(`/mcp/${SERVER}`, company.clients.bound.slice(0, 1)));
  const http = (await load.run(direct)).p50;
  const about = ({ id }: Bridge): About => ({
    id: `call-${id}`,
    what: `${id}: added p50 of a call over talking HTTP directly`,
    unit: 'ms',
    ...(id === 'bridge' ? { target: { atMost: Math.min(0.5, 0.3 * http) } } : {}),
  });
  using running = new DisposableStack();
  const clients = new Map<CommandLine, StdioClient>();
  const callTime = async (command: CommandLine): Promise<number> => {
    const client = clients.get(command) ?? running.use(new StdioClient(command));
    if (!clients.has(command)) await client.initialize();
    clients.set(command, client);
    return await client.callTime(TOOL, SECONDS);
  };
  const overHttp = async (): Promise<number> => (await load.run(direct)).p50;
  return await beside(bridges, about, CALL_ROUNDS, overHttp, callTime, ({ own, baseline, difference }) => ({
    value: difference,
    detail: `${own.toFixed(2)} − ${baseline.toFixed(2)} ms`,
  }));
}

async function beside(
  bridges: readonly Bridge[],
  about: (bridge: Bridge) => About,
  rounds: number,
  baseline: () => Promise<number>,
  measure: (command: CommandLine) => Promise<number>,
  figureOf: (summary: ReturnType<typeof summaryOf>) => Figure,
): Promise<Row[]> {
  const subjects = bridges.map(
    ({ command }) =>
      () =>
        'absent' in command ? Promise.reject(new Error(command.absent)) : measure(command),
  );
  const results = await besideBaseline(rounds, baseline, subjects);
  return bridges.map((bridge, index) => {
    const pairs = results[index]!;
    if ('absent' in bridge.command) return notMeasured(about(bridge), bridge.command.absent);
    return pairs instanceof Error ? failed(about(bridge), pairs) : figure(about(bridge), figureOf(summaryOf(pairs)));
  });
}

async function initializeTime(command: CommandLine): Promise<number> {
  const began = performance.now();
  using client = new StdioClient(command);
  await client.initialize();
  return performance.now() - began;
}

async function bareStart(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - began;
}
