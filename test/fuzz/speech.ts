import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { aggregateName, aggregateUri } from '#shared/mcp/names.js';
import type { Random } from '../support/random.js';

/** Servers of the fuzz, each in its own era and transport. */
export const SERVERS = ['modern', 'legacy', 'hosted'] as const;
export type FuzzedServer = (typeof SERVERS)[number];

/** A call that a server has answered with a question, and the state that came with it. */
export interface AskedState {
  readonly message: { readonly method: string; readonly params: Readonly<Record<string, unknown>> };
  readonly requestState: string;
}

/** In what words somebody speaks. */
export interface Voice {
  /** Stands in whatever this person sends, and must reach nobody else. */
  readonly marker: string;
  readonly era: 'modern' | 'legacy';
  /** The one server of `/mcp/{server}`; undefined where all are spoken to. */
  readonly endpoint: FuzzedServer | undefined;
  /** Of this person and of others. */
  readonly states: readonly AskedState[];
}

export interface Speech {
  readonly message: Readonly<Record<string, unknown>>;
  /** Nobody knows when it is answered: a stream, or a call that asks. */
  readonly open: boolean;
}

type Said = { readonly method: string; readonly params?: Record<string, unknown>; readonly open?: boolean };
type Maker = (voice: Voice, random: Random, server: FuzzedServer) => Said;

const TOOLS = ['echo', 'echo', 'steps', 'crooked', 'crooked', 'crooked', 'crooked', 'headers', 'announce', 'absent'];
const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];
const UNKNOWN = [
  'tasks/get',
  'tasks/cancel',
  'x-acme/do',
  'toString',
  '__proto__',
  'rpc.discover',
  'sampling/createMessage',
];
const LEVELS = ['debug', 'error', 'loud'];
const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };

const REQUESTS: readonly Maker[] = [
  ...Array.from({ length: 8 }, () => callOf),
  ({ marker, endpoint }, random, server) => ({
    method: 'tools/call',
    params: { name: nameAt(endpoint, server, 'ask'), arguments: { marker, lot: random.below(100) } },
    open: true,
  }),
  retryOf,
  ({ marker }, random) => ({
    method: random.of(LISTS),
    ...(random.below(3) === 0 ? { params: { cursor: marker } } : {}),
  }),
  (_voice, random) => ({ method: random.of(LISTS) }),
  ({ marker, endpoint }, _random, server) => ({
    method: 'prompts/get',
    params: { name: nameAt(endpoint, server, 'greet'), arguments: { marker } },
  }),
  ({ marker, endpoint }, random, server) => ({
    method: random.of(['resources/read', 'resources/subscribe', 'resources/unsubscribe']),
    params: { uri: uriAt(endpoint, server, `note:///${marker}`) },
  }),
  ({ marker, endpoint }, _random, server) => ({
    method: 'completion/complete',
    params: {
      ref: { type: 'ref/prompt', name: nameAt(endpoint, server, 'greet') },
      argument: { name: 'marker', value: marker },
    },
  }),
  ({ marker, endpoint }, _random, server) => ({
    method: 'subscriptions/listen',
    params: {
      notifications: { toolsListChanged: true, resourceSubscriptions: [uriAt(endpoint, server, `note:///${marker}`)] },
    },
    open: true,
  }),
  (_voice, random) => ({ method: 'logging/setLevel', params: { level: random.of(LEVELS) } }),
  () => ({ method: 'ping' }),
  () => ({ method: 'server/discover' }),
  ({ marker }) => ({ method: 'initialize', params: initializeParams(marker) }),
  ({ marker }, random) => ({ method: random.of(UNKNOWN), params: { marker, taskId: marker } }),
];

const NOTIFICATIONS: readonly Maker[] = [
  () => ({ method: 'notifications/initialized' }),
  ({ marker }) => ({ method: 'notifications/cancelled', params: { requestId: marker, reason: marker } }),
  ({ marker }) => ({ method: 'notifications/progress', params: { progressToken: marker, progress: 1 } }),
  () => ({ method: 'notifications/roots/list_changed' }),
  ({ marker }) => ({ method: 'notifications/x-acme', params: { marker } }),
];

export function initializeParams(marker: string): Record<string, unknown> {
  return { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, clientInfo: { name: marker, version: '1' } };
}

/** A well-formed message of any kind under this id: mostly requests, else notifications and answers nobody waits for. */
export function speech(voice: Voice, id: unknown, random: Random): Speech {
  const kind = random.below(12);
  const server = voice.endpoint ?? random.of(SERVERS);
  if (kind === 0) return { message: said(random.of(NOTIFICATIONS)(voice, random, server), voice), open: false };
  if (kind === 1) return { message: { jsonrpc: '2.0', id, ...response(voice, random) }, open: false };
  const request = random.of(REQUESTS)(voice, random, server);
  return { message: { ...said(request, voice), id }, open: request.open === true };
}

function response({ marker }: Voice, random: Random): object {
  return random.of([
    { result: { content: { marker }, action: 'accept' } },
    { error: { code: -1, message: marker } },
    { result: {}, error: {} },
  ]);
}

function said({ method, params }: Said, { era, marker }: Voice): Record<string, unknown> {
  const token = { progressToken: marker };
  const meta = era === 'legacy' || method === 'initialize' ? token : { ...token, ...envelope(marker) };
  return { jsonrpc: '2.0', method, params: { ...params, _meta: meta } };
}

/** `_meta` of a modern request. */
export function envelope(marker: string): Record<string, unknown> {
  return {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: CAPABILITIES,
    [META.clientInfo]: { name: marker, version: '1' },
  };
}

/** `lot` tells the upstream in what way it is to answer crookedly. */
function callOf({ marker, endpoint }: Voice, random: Random, server: FuzzedServer): Said {
  const name = nameAt(endpoint, server, random.of(TOOLS));
  return { method: 'tools/call', params: { name, arguments: { marker, lot: random.below(1_000) } } };
}

/** A state goes back: with its own call or with another one, as it was or tampered with. */
function retryOf(voice: Voice, random: Random, server: FuzzedServer): Said {
  if (voice.states.length === 0) return callOf(voice, random, server);
  const { message, requestState } = random.of(voice.states);
  const at = random.below(requestState.length);
  const state = random.of([
    requestState,
    `${requestState.slice(0, at)}x${requestState.slice(at + 1)}`,
    requestState.slice(at),
  ]);
  const inputResponses = { question: { action: 'accept', content: { marker: voice.marker } } };
  const { params } = random.below(2) === 0 ? message : callOf(voice, random, server);
  return { method: message.method, params: { ...params, requestState: state, inputResponses }, open: true };
}

function nameAt(endpoint: FuzzedServer | undefined, server: FuzzedServer, name: string): string {
  return endpoint === undefined ? aggregateName(server, name) : name;
}

function uriAt(endpoint: FuzzedServer | undefined, server: FuzzedServer, uri: string): string {
  return endpoint === undefined ? aggregateUri(server, uri) : uri;
}
