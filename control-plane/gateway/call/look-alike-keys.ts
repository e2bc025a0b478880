import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { plainForm } from '#shared/mcp/plain-form.js';

/** Members that say what is asked for: of a message, of its `params`, and of the reference of a completion. */
const MESSAGE = byPlainForm('jsonrpc', 'id', 'method', 'params', 'result', 'error');
const PARAMS = byPlainForm('name', 'uri', 'ref', 'arguments', 'taskId', 'requestState', 'inputResponses', '_meta');
const REFERENCE = byPlainForm('type', 'name', 'uri');

/**
 * A key that some servers read as one of the protocol's although it is spelled otherwise: in another case, with `ſ` or
 * the Kelvin sign, or with invisible characters (CVE-2026-27896, GHSA-q382-vc8q-7jhj). Such a server would call the
 * tool of `Name`, where policy judged the one of `name`. Undefined where there is none.
 */
export function lookAlikeKey(message: JsonObject): string | undefined {
  const { params } = message;
  const ref = isObject(params) ? params['ref'] : undefined;
  return found(message, MESSAGE) ?? found(params, PARAMS) ?? found(ref, REFERENCE);
}

function found(value: unknown, members: ReadonlyMap<string, string>): string | undefined {
  if (!isObject(value)) return undefined;
  return Object.keys(value).find((key) => (members.get(plainForm(key)) ?? key) !== key);
}

function byPlainForm(...members: string[]): ReadonlyMap<string, string> {
  return new Map(members.map((member) => [plainForm(member), member]));
}
