import { connect } from 'node:net';
import type { Finding, Found } from './conversation.js';
import { askOverSse } from './http-with-sse.js';
import { originOf, type ProbeTarget } from './probe-target.js';
import { askLegacy, askModern, type Patience } from './streamable-http.js';

/** Milliseconds. */
const TIMES = { connect: 2000, answer: 3000, port: 20_000 } as const;

/** What is found at one port: what is open, and what asks for a login; empty where it is no MCP server. Never rejects. */
export async function probePort(target: ProbeTarget): Promise<Found[]> {
  if (!(await accepts(target))) return [];
  const patience = { signal: AbortSignal.timeout(TIMES.port), answer: TIMES.answer };
  for (const scheme of target.schemes) {
    const found = await probeOrigin(originOf(scheme, target), target.paths, patience);
    if (found !== 'foreign') return found;
  }
  return [];
}

/** Whether anybody takes a connection there. */
function accepts({ host, port }: ProbeTarget): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: TIMES.connect });
  const done = (result: boolean): void => {
    socket.destroy();
    resolve(result);
  };
  // The timeout of a socket does not count while its name is looked up.
  const timer = setTimeout(() => done(false), TIMES.connect * 2).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('connect', () => done(true));
  socket.once('timeout', () => done(false));
  socket.once('error', () => done(false));
  return promise;
}

/** `foreign`: what is there does not speak this scheme. */
async function probeOrigin(origin: string, paths: readonly string[], patience: Patience): Promise<Found[] | 'foreign'> {
  let closed: Found | undefined;
  for (const path of paths) {
    const finding = await probeAddress(origin + path, patience);
    if (finding === 'foreign') return closed ? [closed] : 'foreign';
    if (finding === 'absent') break;
    if (finding === 'other' || finding === 'silent') continue;
    if (finding.state === 'open') return closed ? [closed, finding] : [finding];
    closed = preferred(closed, finding);
    // What says nothing once is not asked again.
    if (finding.state === 'silent') break;
  }
  return closed ? [closed] : [];
}

async function probeAddress(url: string, patience: Patience): Promise<Finding> {
  const modern = await askModern(url, patience);
  if (modern !== 'other') return modern;
  const legacy = await askLegacy(url, patience);
  if (legacy !== 'other') return legacy;
  return askOverSse(url, patience);
}

/** Of several addresses that ask for a login the first that is surely MCP. */
function preferred(one: Found | undefined, other: Found): Found {
  if (!one) return other;
  return one.state === 'protected' || other.state !== 'protected' ? one : other;
}
