/** Where a resource's URI stands in results (MCP schema: contents, resource links, embedded resources). */
export const URI_PATHS = new Set([
  'result.contents.*.uri',
  'result.content.*.uri',
  'result.content.*.resource.uri',
  'result.messages.*.content.uri',
  'result.messages.*.content.resource.uri',
  // No URIs: two servers may use the same id for what they ask (2025-11-25, URL mode elicitation).
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
/** Last keys of the paths above: nearly every member is passed over by this one look-up. */
export const WATCHED_KEYS = new Set([
  'id',
  'method',
  'level',
  'resultType',
  'isError',
  'code',
  'uri',
  'cacheScope',
  'elicitationId',
]);
