import type { DeviceCode, Interaction } from 'oidc-provider';
import { shortLine } from '../clients/short-line.js';

/** An authorization request that waits for its person. All of it was checked by the authorization server. */
export interface PendingAuthorization {
  readonly id: string;
  readonly clientId: string;
  /** Null where the client is a device that polls. */
  readonly redirectUri: string | null;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  /** The device's own claim. */
  readonly deviceName: string | null;
  /** Of a device login: where and when (epoch milliseconds) the device started it. */
  readonly started: { readonly address: string; readonly time: number } | null;
  readonly freshness: Freshness;
}

/** What a client asks of the sign-in itself (OpenID Connect Core §3.1.2.1, RFC 9470 §4). */
export interface Freshness {
  /** `prompt=login`: the IdP must not rest on an earlier sign-in. */
  readonly again: boolean;
  /** Seconds. */
  readonly maxAge?: number;
}

const MAX_DEVICE_NAME = 64;

export function pendingAuthorization({ uid, params }: Interaction, device?: DeviceCode): PendingAuthorization {
  const [clientId = ''] = texts(params['client_id']);
  const [redirectUri = null] = texts(params['redirect_uri']);
  const [scope = ''] = texts(params['scope']);
  return {
    id: uid,
    clientId,
    redirectUri,
    scopes: scope.split(' ').filter((name) => name !== ''),
    resources: texts(params['resource']),
    deviceName: deviceNameIn(params['device_name']),
    started: device ? { address: addressOf(device), time: device.iat * 1000 } : null,
    // Whoever typed a stranger's code must not be one click away from letting them in.
    freshness: device ? { again: true } : freshnessOf(params),
  };
}

function freshnessOf({ prompt, max_age: maxAge }: Interaction['params']): Freshness {
  const again = texts(prompt).some((text) => text.split(' ').includes('login'));
  return maxAge === undefined ? { again } : { again, maxAge: Number(maxAge) };
}

function addressOf({ deviceInfo }: DeviceCode): string {
  return texts(deviceInfo?.['address'])[0] ?? '';
}

function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((entry) => typeof entry === 'string');
}

/** What a device calls itself. Anyone may have written it. */
export function deviceNameIn(parameter: unknown): string | null {
  return shortLine(texts(parameter)[0], MAX_DEVICE_NAME);
}
