import { isIP } from 'node:net';
import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput } from '../decision.js';
import { TYPES } from '../names.js';
import { plainAddress } from '../networks.js';

/**
 * `context.session`: what is unknown is absent, and an address that is none too, so that a policy that reads it errs, and denies.
 * Where it is known what is `read`, only that.
 */
export function sessionContext(
  { context, networks }: Pick<PolicyInput, 'context' | 'networks'>,
  read?: ReadonlySet<string>,
): Record<string, CedarValueJson> {
  const { now, acr, amr, signedInAt, sessionKind, client, claimedClient, device, managedDevice, agents } = context;
  const ip = plainAddress(context.address);
  const session = {
    now: extension('datetime', new Date(now).toISOString()),
    ...(isIP(ip) === 0 ? {} : { ip: extension('ip', ip) }),
    networks: [...networks],
    ...(acr === null ? {} : { acr }),
    amr: [...amr],
    ...(signedInAt === 0 ? {} : { signInAge: extension('duration', `${Math.max(0, Math.floor(now - signedInAt))}ms`) }),
    ...(device === null ? {} : { device }),
    managedDevice,
    agentDepth: agents.length,
    agents: agents.map((id) => ({ __entity: { type: TYPES.agent, id } })),
    client,
    ...(claimedClient === null ? {} : { claimedClient }),
    kind: sessionKind,
  };
  return read === undefined ? session : Object.fromEntries(Object.entries(session).filter(([name]) => read.has(name)));
}

function extension(fn: string, arg: string): CedarValueJson {
  return { __extn: { fn, arg } };
}
