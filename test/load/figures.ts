import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../../demo/stack/root.js';
import { Inspector } from '../support/inspector.js';
import { processesWith } from '../support/processes.js';
import type { LoadCompany } from './company.js';

const DIST = join(ROOT, 'dist', 'control-plane');
/** What stands for one call, stream, session or process each. */
const CLASSES = [
  ['gateway/relay/client-response.js', 'ClientResponse'],
  ['gateway/relay/relay.js', 'Relay'],
  ['gateway/call/upstream-hop.js', 'UpstreamHop'],
  ['gateway/subscriptions/heard-servers.js', 'HeardServers'],
  ['gateway/subscriptions/server-ear.js', 'ServerEar'],
  ['upstreams/session-stream.js', 'SessionStream'],
  ['upstreams/sse/sse-session.js', 'SseSession'],
  ['upstreams/stdio/pending-answer.js', 'PendingAnswer'],
  ['upstreams/stdio/server-process.js', 'ServerProcess'],
] as const;
const MAPS = [
  ['gateway/calls-in-flight.js', 'CallsInFlight', '#sessions'],
  ['gateway/calls-in-flight.js', 'CallsInFlight', '#persons.#taken'],
  ['gateway/calls-in-flight.js', 'CallsInFlight', '#servers.#taken'],
  ['gateway/bodies-under-way.js', 'BodiesUnderWay', '#places.#taken'],
  ['gateway/input/parked-calls.js', 'ParkedCalls', '#entries'],
  ['gateway/input/parked-calls.js', 'ParkedCalls', '#all.#taken'],
  ['gateway/input/client-requests.js', 'ClientRequests', '#waiting'],
  ['gateway/input/client-requests.js', 'ClientRequests', '#all.#taken'],
  ['upstreams/legacy-sessions.js', 'LegacySessions', '#slots'],
  ['upstreams/sse/sse-servers.js', 'SseServers', '#slots'],
  ['upstreams/stdio/hosted-servers.js', 'HostedServers', '#slots'],
] as const;
/** Milliseconds for connections that are kept open for a while; a safety net. */
const SETTLING = 60_000;
/** Sockets that pools may keep more, or less, than at the start. */
const KEPT = 16;

/** What a control plane holds at one moment. */
export interface Figures {
  /** Processes that it runs for hosted servers. */
  readonly hosted: number;
  readonly sockets: number;
  /** By class, or by map of a class. */
  readonly held: Readonly<Record<string, number>>;
}

/** The process of the control plane. */
export function controlPlaneOf({ stack }: LoadCompany): number {
  const [pid] = processesWith(stack.config);
  if (pid === undefined) throw new Error('The control plane does not run.');
  return pid;
}

/** Bytes of memory that a process occupies. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export async function figuresOf(company: LoadCompany): Promise<Figures> {
  const held: Record<string, number> = {};
  using inspector = await inspectorOf(company);
  for (const [file, name] of CLASSES) held[name] = await inspector.instances(join(DIST, file), name);
  for (const [file, name, map] of MAPS) {
    const sizes = await inspector.sizes(join(DIST, file), name, map);
    held[`${name}.${map}`] = sizes.reduce((sum, size) => sum + size, 0);
  }
  return {
    hosted: processesWith(company.mark).length,
    sockets: socketsOf(controlPlaneOf(company)),
    held,
  };
}

/** The same once they are `wanted` again, or as they still are after a minute. */
export async function settledFigures(company: LoadCompany, wanted: Figures): Promise<Figures> {
  const deadline = performance.now() + SETTLING;
  for (;;) {
    const found = await figuresOf(company);
    // Pools keep a few connections to servers, identity provider and database; one for each call would be hundreds.
    const kept = Math.abs(found.sockets - wanted.sockets) <= KEPT;
    const figures = { ...found, sockets: kept ? wanted.sockets : found.sockets };
    if (JSON.stringify(figures) === JSON.stringify(wanted) || performance.now() > deadline) return figures;
    await wait(500);
  }
}

export async function heapOf(company: LoadCompany): Promise<number> {
  using inspector = await inspectorOf(company);
  return await inspector.heapAfterCollection();
}

function inspectorOf({ stack }: LoadCompany): Promise<Inspector> {
  return Inspector.connect(readFileSync(stack.logFile('control-plane'), 'utf8'));
}

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}
