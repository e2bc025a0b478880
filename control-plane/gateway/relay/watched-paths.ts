/** What gets the server's prefix at `/mcp`: resource URIs in results (MCP schema: contents, resource links, embedded resources). */
export const PREFIXED_PATHS = new Set([
  'result.contents.*.uri',
  'result.content.*.uri',
  'result.content.*.resource.uri',
  'result.messages.*.content.uri',
  'result.messages.*.content.resource.uri',
  // Two servers may use the same id for what they ask (2025-11-25, URL mode elicitation).
  'params.elicitationId',
  'error.data.elicitations.*.elicitationId',
]);

/** Members that say what a message is and how it ended. */
export const READ_PATHS = new Set([
  'id',
  'method',
  'params.level',
  'result.resultType',
  'result.isError',
  'error.code',
]);

export const CACHE_SCOPE = 'result.cacheScope';

/** Last keys of all these paths: nearly every member is passed over by this one look-up. */
export const WATCHED_KEYS = new Set([...PREFIXED_PATHS, ...READ_PATHS, CACHE_SCOPE].map(lastKey));

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
