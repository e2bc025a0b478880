import { isObject, type JsonObject } from './json-rpc.js';

/** Whether a client that declared `capabilities` serves a request of a server (MCP schema, `ClientCapabilities`). */
export function offers(capabilities: JsonObject, { method, params }: JsonObject): boolean {
  const { sampling, roots, elicitation } = capabilities;
  if (method === 'sampling/createMessage') return isObject(sampling);
  if (method === 'roots/list') return isObject(roots);
  if (method !== 'elicitation/create' || !isObject(elicitation)) return false;
  const url = isObject(elicitation['url']);
  const byUrl = isObject(params) && params['mode'] === 'url';
  // An empty declaration means forms, as it did before there were addresses.
  return byUrl ? url : isObject(elicitation['form']) || !url;
}
