/** In place of a word that is on no list (as `_OTHER` in the OpenTelemetry conventions). */
export const OTHER = '_OTHER';

/** Requests of MCP, of all its revisions. */
const METHODS: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/cancel',
]);

/** A client may send any method, a secret too: only those of MCP are named. */
export function boundedMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}

/** An id that a program counts or draws at random; a text that may be anything else is left out. */
const REQUEST_ID = /^(?:\d{1,16}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export function boundedRequestId(id: string | number): string | undefined {
  const text = String(id);
  return REQUEST_ID.test(text) ? text : undefined;
}
