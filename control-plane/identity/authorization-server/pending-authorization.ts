import type { Interaction } from 'oidc-provider';

/** An authorization request that waits for its person. All of it was checked by the authorization server. */
export interface PendingAuthorization {
  readonly id: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  /** The device's own claim. */
  readonly deviceName: string | null;
}

const MAX_DEVICE_NAME = 64;

export function pendingAuthorization({ uid, params }: Interaction): PendingAuthorization {
  const [clientId = ''] = texts(params['client_id']);
  const [redirectUri = ''] = texts(params['redirect_uri']);
  const [scope = ''] = texts(params['scope']);
  const [deviceName = ''] = texts(params['device_name']);
  return {
    id: uid,
    clientId,
    redirectUri,
    scopes: scope.split(' ').filter((name) => name !== ''),
    resources: texts(params['resource']),
    deviceName: cleaned(deviceName),
  };
}

function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((entry) => typeof entry === 'string');
}

/** Anyone may have written it: one short line, no control or direction characters. */
function cleaned(name: string): string | null {
  const text = name
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MAX_DEVICE_NAME);
  return text === '' ? null : text.toWellFormed();
}
