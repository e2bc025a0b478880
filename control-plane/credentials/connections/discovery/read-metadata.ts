import { errorText } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { GuardedFetch } from '../../../egress/guarded-fetch.js';
import { DiscoveryFault } from './discovery-fault.js';

/**
 * The JSON object that is published at an address; undefined where there is none (any 4xx).
 * @throws DiscoveryFault where nobody answers, or with something else.
 */
export async function readMetadata(fetch: GuardedFetch, address: string): Promise<JsonObject | undefined> {
  const { status, text } = await read(fetch, address);
  if (status >= 400 && status < 500) return undefined;
  if (status !== 200) {
    const fix = 'look at what the server answers there';
    throw new DiscoveryFault(`${address} was answered with HTTP ${status}`, fix, status >= 500);
  }
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new DiscoveryFault(`${address} holds no JSON object`, 'look at what the server publishes there');
}

async function read(fetch: GuardedFetch, address: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(address, { headers: { accept: 'application/json' } });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const reason = `${address} cannot be asked: ${errorText(error)}`;
    const fix = 'check the address and the network; privateNetworks says which private ones may be asked';
    throw new DiscoveryFault(reason, fix, true, { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
