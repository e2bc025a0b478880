import { HEADERS, JSON_TYPE, modernHeaders, STREAM_TYPE } from '#shared/mcp/headers.js';
import { gzipSync } from 'node:zlib';
import type { Random } from '../support/random.js';
import { ENDPOINTS, pathOf, type FuzzedPerson } from './fuzzed-person.js';
import { HOSTILE_LINES } from './hostile-values.js';
import { garbled, mutatedText } from './mutations.js';
import { speech } from './speech.js';

export type HeaderLine = readonly [name: string, value: string];

/** How the bytes of a request get to the server. */
export type Delivery =
  /** By a client that keeps its connections, for everyone together, as a proxy does. */
  | 'pooled'
  | 'whole'
  /** In two pieces. */
  | 'halves'
  | 'chunked'
  /** A chunk whose length is a lie. */
  | 'bad-chunk'
  /** The connection is cut before all of it was sent. */
  | 'cut'
  /** Less is sent than was announced, and nothing more. */
  | 'stops'
  /** More is sent than was announced. */
  | 'too-much'
  /** The client is gone as soon as all is sent. */
  | 'leaves';

/** Something that a person throws at the gateway. */
export interface Throw {
  readonly number: number;
  readonly by: FuzzedPerson;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
  readonly delivery: Delivery;
  /** Whose credentials it carries: the own ones, none, ones that nobody has, or a token whose proof is missing. */
  readonly credentials: 'own' | 'none' | 'forged' | 'unproved';
  /** Nobody knows when it is answered. */
  readonly open: boolean;
}

const CREDENTIALS = ['none', 'forged', 'unproved'] as const;
const DELIVERIES: readonly Delivery[] = [
  'whole',
  'halves',
  'chunked',
  'bad-chunk',
  'cut',
  'stops',
  'too-much',
  'leaves',
];
/** Larger than what the stand accepts. */
const TOO_LARGE = 300_000;

type LineMutation = (lines: HeaderLine[], at: number, random: Random) => HeaderLine[];

const LINE_MUTATIONS: readonly LineMutation[] = [
  (lines, at) => lines.toSpliced(at, 1),
  (lines, at) => lines.toSpliced(at, 0, lines[at]!),
  (lines, at, random) => lines.toSpliced(at, 0, [lines[at]![0], random.of(HOSTILE_LINES)]),
  (lines, at, random) => lines.toSpliced(at, 1, [lines[at]![0], random.of(HOSTILE_LINES)]),
  (lines, at) => lines.toSpliced(at, 1, [lines[at]![0].toUpperCase(), lines[at]![1]]),
  (lines, at) => lines.toSpliced(at, 1, [lines[at]![0], lines[at]![1].slice(1)]),
  (lines) => [...lines, ['origin', 'http://evil.example']],
  (lines) => [...lines, ['cookie', 'a=b']],
  (lines) => [...lines, ['x-forwarded-for', '203.0.113.9']],
  (lines) => [...lines, ['expect', '100-continue']],
  (lines) => [...lines, ['upgrade', 'h2c']],
  (lines) => [...lines, ['content-encoding', 'gzip']],
  (lines) => [...lines, ['content-type', 'text/plain']],
  (lines, _at, random) => [...lines, ['last-event-id', random.of(HOSTILE_LINES)]],
  (lines, _at, random) => [...lines, [HEADERS.session, random.of(HOSTILE_LINES)]],
  (lines, _at, random) => [...lines, [`${HEADERS.paramPrefix}marker`, random.of(HOSTILE_LINES)]],
  (lines) => [...lines, ...Array.from({ length: 300 }, (_, at): HeaderLine => [`x-${at}`, 'y'])],
];

/** The throw of this number: the same for the same seed, but for what `others` have gathered. */
export function throwOf(number: number, by: FuzzedPerson, others: readonly FuzzedPerson[], random: Random): Throw {
  const credentials: Throw['credentials'] = random.below(20) === 0 ? random.of(CREDENTIALS) : 'own';
  const delivery = random.below(3) === 0 ? random.of(DELIVERIES) : 'pooled';
  const common = { number, by, credentials, delivery };
  const kind = random.below(40);
  if (kind === 0) return { ...common, ...withoutBody(by, others, random), body: Buffer.alloc(0) };
  const endpoint = random.of(ENDPOINTS);
  const path =
    kind === 1 ? `${pathOf(endpoint)}${random.of(['/', '/..', '%00', '?a=b', '//x', '-no-such'])}` : pathOf(endpoint);
  const era = random.of(['modern', 'legacy'] as const);
  const states = random.below(3) === 0 ? random.of(others).states : by.states;
  const id = random.of([number, String(number), `${by.marker}-${number}`]);
  const { message, open } = speech({ marker: by.marker, era, endpoint, states }, id, random);
  const lines = linesOf(message, era, sessionOf(by, others, endpoint, random));
  const text = Buffer.from(random.below(4) === 0 ? JSON.stringify(message) : mutatedText(message, random));
  return {
    ...common,
    method: 'POST',
    path,
    headers: random.below(3) === 0 ? random.of(LINE_MUTATIONS)(lines, random.below(lines.length), random) : lines,
    body: bodyOf(text, random),
    open,
  };
}

function bodyOf(text: Buffer, random: Random): Buffer {
  const kind = random.below(50);
  if (kind === 0) return gzipSync(text);
  if (kind === 1) return Buffer.concat([text, Buffer.alloc(TOO_LARGE, ' ')]);
  return kind < 6 ? garbled(text, random) : text;
}

function linesOf(message: Readonly<Record<string, unknown>>, era: 'modern' | 'legacy', session: string): HeaderLine[] {
  if (era === 'modern' && typeof message['method'] === 'string') {
    return Object.entries(modernHeaders({ ...message, method: message['method'] }));
  }
  return [
    ['content-type', JSON_TYPE],
    ['accept', `${JSON_TYPE}, ${STREAM_TYPE}`],
    [HEADERS.protocolVersion, '2025-11-25'],
    [HEADERS.session, session],
  ];
}

/** Mostly the right one; else that of another person or another endpoint, or one that is broken. */
function sessionOf(
  by: FuzzedPerson,
  others: readonly FuzzedPerson[],
  endpoint: (typeof ENDPOINTS)[number],
  random: Random,
): string {
  const own = by.sessions.get(endpoint) ?? '';
  const kind = random.below(10);
  if (kind === 0) return random.of(others).sessions.get(endpoint) ?? '';
  if (kind === 1) return by.sessions.get(random.of(ENDPOINTS)) ?? '';
  return kind === 2 ? own.slice(0, random.below(own.length)) : own;
}

/** Streams, resumptions and methods that the endpoint does not have. Sessions end now and then. */
function withoutBody(
  by: FuzzedPerson,
  others: readonly FuzzedPerson[],
  random: Random,
): Pick<Throw, 'method' | 'path' | 'headers' | 'open'> {
  const endpoint = random.of(ENDPOINTS);
  const method = random.of(['GET', 'GET', 'GET', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'HEAD', 'TRACE', 'BREW']);
  const lines: HeaderLine[] = [
    ['accept', STREAM_TYPE],
    [HEADERS.session, sessionOf(by, others, endpoint, random)],
  ];
  if (random.below(2) === 0) lines.push(['last-event-id', random.of(HOSTILE_LINES)]);
  return { method, path: pathOf(endpoint), headers: lines, open: method === 'GET' };
}
