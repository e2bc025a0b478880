import { CodedError } from '#shared/errors.js';
import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { failure, success, toolText } from './answers.js';

const SIGN_IN = 'sign_in';

const SIGN_IN_TOOL = {
  name: SIGN_IN,
  title: 'Sign in',
  description:
    'Starts the sign-in to the company’s MCP servers in the person’s browser and returns the address to open, on a ' +
    'computer without a browser also the code to type there. ' +
    'Takes no arguments. The other tools appear when the person has signed in.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
};

const UNCACHED = { ttlMs: 0, cacheScope: 'private' };

const LISTS: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  'tools/list': { tools: [SIGN_IN_TOOL] },
  'prompts/list': { prompts: [] },
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
};

/** True where the request is answered without the sign-in's address. */
export function isList(method: string): boolean {
  return Object.hasOwn(LISTS, method);
}

export function isSignInCall(request: JsonRpcRequest): boolean {
  return request.method === 'tools/call' && request.params?.['name'] === SIGN_IN;
}

export function signedOutList(request: JsonRpcRequest, era: Era): string {
  return success(request.id, era, LISTS[request.method] ?? {}, UNCACHED);
}

/** `prompt` tells how to sign in. The tool `sign_in` did what it was asked; every other call could not be made. */
export function signedOutCall(request: JsonRpcRequest, era: Era, prompt: string): string {
  if (isSignInCall(request)) return toolText(request.id, era, prompt, false);
  if (request.method === 'tools/call') return toolText(request.id, era, `This call was not made. ${prompt}`, true);
  return failure(request.id, new CodedError('sign_in_needed', { message: prompt }));
}
