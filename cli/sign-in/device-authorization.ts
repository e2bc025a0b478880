import type { DeviceAuthorizationResponse } from 'openid-client';
import { CodedError } from '#shared/errors.js';
import type { SavedSignIn } from '../credential-store/saved-sign-in.js';
import { newDpopKey } from './dpop.js';
import {
  discover,
  importKeyPair,
  requireOrigin,
  savedSignIn,
  signInFault,
  type AuthorizationParts,
} from './oauth-client.js';
import { stepUpRequestParameters } from './step-up-request.js';

/** What a person can type; anything else must not reach a terminal or an AI app. */
const USER_CODE = /^[A-Z0-9]{2,8}(-[A-Z0-9]{2,8}){0,3}$/;

/** One device login under way; the device code and the key never leave this object. */
export interface DeviceAuthorization {
  /** Where the person types the code, in any browser. */
  readonly url: string;
  readonly code: string;
  /** Polls until the person has decided. Rejects with CodedError sign_in_failed | sign_in_expired | network. */
  redeem(): Promise<SavedSignIn>;
}

/** Device authorization grant (RFC 8628), its code bound to a key of this device. Throws CodedError device_login_off too. */
export async function startDeviceAuthorization(parts: AuthorizationParts): Promise<DeviceAuthorization> {
  const oidc = await import('openid-client');
  const { resource, scope, deviceName, slot } = parts;
  const config = await discover(oidc, parts);
  const { device_authorization_endpoint: endpoint } = config.serverMetadata();
  if (endpoint === undefined) throw new CodedError('device_login_off');
  requireOrigin(endpoint, slot.origin);
  const dpopKey = parts.stepUp?.dpopKey ?? newDpopKey();
  const DPoP = oidc.getDPoPHandle(config, await importKeyPair(dpopKey));
  const fail = (error: unknown): never => {
    throw signInFault(error, slot.origin);
  };
  const key = { dpop_jkt: await DPoP.calculateThumbprint() };
  const asked = { scope, resource, device_name: deviceName, ...key, ...stepUpRequestParameters(parts.stepUp) };
  const answer = await oidc.initiateDeviceAuthorization(config, asked).catch(fail);
  requireOrigin(answer.verification_uri, slot.origin);
  if (!USER_CODE.test(answer.user_code)) throw new CodedError('sign_in_failed');
  const endsAt = performance.now() + answer.expires_in * 1000;
  return {
    // Parsed and written anew: as the server spelled it, it could hold what a terminal obeys.
    url: new URL(answer.verification_uri).href,
    code: answer.user_code,
    redeem: async () => {
      let sentAt = parts.now().getTime();
      const send = config[oidc.customFetch];
      if (send) {
        config[oidc.customFetch] = (url, options) => {
          sentAt = parts.now().getTime();
          return send(url, options);
        };
      }
      const poll = (left: DeviceAuthorizationResponse) =>
        oidc.pollDeviceAuthorizationGrant(config, left, { resource }, { DPoP }).catch(fail);
      return savedSignIn(await untilDecided(poll, answer, endsAt), dpopKey, sentAt);
    },
  };
}

/** RFC 8628 §3.5: a network that fails for a moment ends nothing; only the answer and the time do. */
async function untilDecided<T>(
  poll: (left: DeviceAuthorizationResponse) => Promise<T>,
  answer: DeviceAuthorizationResponse,
  endsAt: number,
): Promise<T> {
  for (;;) {
    const left = Math.ceil((endsAt - performance.now()) / 1000);
    try {
      if (left > 0) return await poll({ ...answer, expires_in: left });
    } catch (error) {
      if (isPassing(error) && performance.now() < endsAt) continue;
      if (performance.now() < endsAt && !isExpiry(error)) throw error;
    }
    throw new CodedError('sign_in_expired', { message: 'Nobody completed the sign-in in time. Start again.' });
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'network';
}

/** `expired_token` (RFC 8628 §3.5). */
function isExpiry(error: unknown): boolean {
  return (((error as Error).cause ?? {}) as { error?: unknown }).error === 'expired_token';
}
