import { setTimeout as delay } from 'node:timers/promises';
import { Laptop } from '../../demo/walk/laptop.js';
import { Random } from '../support/random.js';
import { receivedCalls } from '../faults/received-calls.js';
import { signInAsAuditor } from '../support/person.js';
import { auditedCalls } from './audited.js';
import { callRepeatedly } from './calling.js';
import { LoadCompany } from './company.js';
import { figuresOf, heapOf, settledFigures, type Figures } from './figures.js';
import { killRepeatedly } from './killing.js';
import type { LoadSession } from './load-session.js';
import { sessionPlans, type SessionPlan } from './session-plan.js';
import { isDone, type StreamedCall } from './streamed-call.js';
import { sharedHomes, violations } from './violations.js';

export interface LoadOptions {
  readonly sessions: number;
  readonly seconds: number;
  readonly seed: number;
  /** Address of the control plane's database; SQLite where absent. */
  readonly database?: string;
}

/** What a run of the load has shown; lists are cut, as they may be long when all goes wrong. */
export interface LoadReport {
  readonly violations: readonly string[];
  readonly stray: readonly string[];
  readonly sharedHomes: readonly string[];
  /** Clients for whom a server did not come back. */
  readonly abandoned: readonly string[];
  /** Intents without exactly one outcome. */
  readonly unpaired: readonly string[];
  /** Exit code of `mcp-sso audit verify`. */
  readonly verified: number;
  readonly before: Figures;
  readonly after: Figures;
  /** Bytes. */
  readonly heapGrowth: number;
  readonly calls: { readonly made: number; readonly failed: number; readonly decided: number };
  /** By server. */
  readonly deaths: Readonly<Record<string, number>>;
}

/** Milliseconds for every server to have come back for every client; a safety net. */
const PATIENCE = 180_000;
/** Sign-ins at once, and the milliseconds that each takes at least: together below the 50 requests a second of one address. */
const AT_ONCE = 2;
const JOINING = 500;
const SHOWN = 20;

/** Many sessions call, stream and are asked while their servers die and come back; then all of them end. */
export async function runLoad({ sessions: count, seconds, seed, database }: LoadOptions): Promise<LoadReport> {
  await using company = await LoadCompany.open(database);
  const { stack } = company;
  const [before, heap] = [await figuresOf(company), await heapOf(company)];
  const joined = await joinAll(company, sessionPlans(count));
  const sessions = joined.map(({ session }) => session);

  const over = new AbortController();
  const calling = callEverywhere(joined, seed, over.signal);
  const deaths = await killRepeatedly(company, new Random(seed), seconds * 1_000);
  over.abort();
  const lanes = await calling;
  const calls = lanes.flat();

  await Promise.all(sessions.map((session) => session.close()));
  for (const session of sessions) await session.signOut();
  const { intents, unpaired } = await auditedCalls(stack, await signInAsAuditor(stack));
  const dave = new Laptop('dave', stack.folder);
  await dave.login(stack.addresses.publicUrl);
  const { code: verified } = await dave.run('audit', 'verify');
  await company.closeConnections();

  const report = {
    violations: violations(calls, receivedCalls(company.received)).slice(0, SHOWN),
    stray: sessions.flatMap(({ name, stray }) => stray.map((what) => `${name}: ${what}`)).slice(0, SHOWN),
    sharedHomes: sharedHomes(sessions).slice(0, SHOWN),
    abandoned: lanes
      .flatMap((lane) => lane.slice(-1))
      .filter((call) => !isDone(call))
      .map(({ name }) => name),
    unpaired: unpaired.slice(0, SHOWN),
    verified,
    before,
    after: await settledFigures(company, before),
    heapGrowth: (await heapOf(company)) - heap,
    calls: { made: calls.length, failed: calls.filter((call) => !isDone(call)).length, decided: intents },
    deaths,
  };
  process.stderr.write(`Load: ${JSON.stringify({ calls: report.calls, deaths, heapGrowth: report.heapGrowth })}\n`);
  return report;
}

interface Joined {
  readonly session: LoadSession;
  readonly lanes: SessionPlan['lanes'];
}

async function joinAll(company: LoadCompany, plans: readonly SessionPlan[]): Promise<Joined[]> {
  const joined: Joined[] = [];
  const waiting = plans.entries();
  const joinNext = async (): Promise<void> => {
    for (const [index, plan] of waiting) {
      const [session] = await Promise.all([company.join(`s${index}`, plan), delay(JOINING)]);
      joined[index] = { session, lanes: plan.lanes };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, joinNext));
  return joined;
}

function callEverywhere(joined: readonly Joined[], seed: number, over: AbortSignal): Promise<StreamedCall[][]> {
  const calling = joined.flatMap(({ session, lanes }, index) =>
    lanes.map((server, lane) => {
      const random = new Random(seed + 100 * index + lane);
      return callRepeatedly(session, { server, lane: `${server}${lane}` }, random, { over, patience: PATIENCE });
    }),
  );
  return Promise.all(calling);
}
