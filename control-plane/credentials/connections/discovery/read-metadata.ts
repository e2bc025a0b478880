import { errorText } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { GuardedFetch, Reach } from '../../../egress/guarded-fetch.js';
import { DiscoveryFault } from './discovery-fault.js';

export interface FoundMetadata {
  readonly metadata: JsonObject;
  /** Where it came from, and so which addresses it may name. */
  readonly from: Reach;
}

/**
 * The JSON object that is published at an address; undefined where there is none (any 4xx).
 * @param reach of whoever named the address.
 * @throws DiscoveryFault where nobody answers, or with something else.
 */
export async function readMetadata(
  fetch: GuardedFetch,
  address: string,
  reach: Reach,
): Promise<FoundMetadata | undefined> {
  const { status, text, from } = await read(fetch, address, reach);
  if (status >= 400 && status < 500) return undefined;
  if (status !== 200) {
    const fix = 'look at what the server answers there';
    throw new DiscoveryFault(`${address} was answered with HTTP ${status}`, fix, status >= 500);
  }
  const value = parsed(text);
  if (isObject(value)) return { metadata: value, from };
  throw new DiscoveryFault(`${address} holds no JSON object`, 'look at what the server publishes there');
}

async function read(
  fetch: GuardedFetch,
  address: string,
  reach: Reach,
): Promise<{ status: number; text: string; from: Reach }> {
  try {
    const answer = await fetch(address, { headers: { accept: 'application/json' }, reach });
    return { status: answer.status, text: await answer.text(), from: answer.from };
  } catch (error) {
    const reason = `${address} cannot be asked: ${errorText(error)}`;
    throw new DiscoveryFault(reason, FIXES[reach], true, { cause: error });
  }
}

const FIXES: Readonly<Record<Reach, string>> = {
  private: 'check the address and the network; privateNetworks says which private ones may be asked',
  public:
    'check the address and the network; a private one that a public server names is asked only where the settings name it too (issuer of the credential)',
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
