import { decodeJwt } from 'jose';
import type { DeviceCode, Interaction } from 'oidc-provider';
import type { StepUp } from '#shared/api/step-up.js';
import { CodedError } from '#shared/errors.js';
import type { Renewal, StepUpHandles } from '../step-up-handles.js';
import { shortLine } from '../clients/short-line.js';
import { emailAddressIn } from '../sign-in/email-address.js';

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
  /** Id of the one person who may complete it; null where the client names none. */
  readonly person: string | null;
  /** The e-mail address by which the client would begin (`login_hint`): where to sign in, never who somebody is. */
  readonly loginHint: string | null;
  /** The session that it is to renew, where the client was told to have that done. */
  readonly renewal: Renewal | null;
  /** Thumbprint of the key that the code will be bound to (RFC 9449 §10). */
  readonly key: string | null;
}

/** What a client asks of the sign-in itself (OpenID Connect Core §3.1.2.1, RFC 9470 §4). */
export interface Freshness extends StepUp {
  /** `prompt=login`: the IdP must not rest on an earlier sign-in. */
  readonly again: boolean;
}

const MAX_DEVICE_NAME = 64;

/** @param openHandle as `StepUpHandles.open` */
export function pendingAuthorization(
  { uid, params }: Interaction,
  openHandle: StepUpHandles['open'],
  device?: DeviceCode,
): PendingAuthorization {
  const [clientId = ''] = texts(params['client_id']);
  const [redirectUri = null] = texts(params['redirect_uri']);
  const [scope = ''] = texts(params['scope']);
  const [handle] = texts(params['step_up']);
  const renewal = handle === undefined ? null : (openHandle(handle) ?? null);
  const person = personOf(params, renewal);
  return {
    id: uid,
    clientId,
    redirectUri,
    scopes: scope.split(' ').filter((name) => name !== ''),
    resources: texts(params['resource']),
    deviceName: deviceNameIn(params['device_name']),
    started: device ? { address: addressOf(device), time: device.iat * 1000 } : null,
    // Whoever typed a stranger's code must not be one click away from letting them in.
    // And whoever signs in for an earlier sign-in is asked, so that nobody's browser session answers for them.
    freshness: { ...freshnessOf(params), ...(device || person !== null ? { again: true } : {}) },
    person,
    // Whoever started a device does not lead the person who types its code.
    loginHint: device ? null : emailAddressIn(params['login_hint']),
    renewal,
    key: texts(params['dpop_jkt'])[0] ?? null,
  };
}

function freshnessOf({ prompt, max_age: maxAge, acr_values: acr }: Interaction['params']): Freshness {
  const again = texts(prompt).some((text) => text.split(' ').includes('login'));
  const acrValues = texts(acr).flatMap((text) => text.split(' ').filter((value) => value !== ''));
  return {
    again,
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(acrValues.length === 0 ? {} : { acrValues }),
  };
}

/** `id_token_hint` (OpenID Connect Core §3.1.2.1) has been verified: ours, and made for this client. */
function personOf({ id_token_hint: token }: Interaction['params'], renewal: Renewal | null): string | null {
  const hinted = typeof token === 'string' ? (decodeJwt(token).sub ?? '') : null;
  if (hinted === null || renewal === null || hinted === renewal.person) return hinted ?? renewal?.person ?? null;
  throw new CodedError('sign_in_failed', { message: 'This app names two people at once. Start again from there.' });
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
