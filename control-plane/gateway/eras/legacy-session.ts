import { randomBytes } from 'node:crypto';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Caller } from '../../identity/caller.js';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'mcp-client-sessions';
const MAX_TOKEN = 6_144;
const MAX_CLIENT_INFO = 1_000;
const MAX_CAPABILITIES = 1_500;

/** What `initialize` agreed with a legacy client. It lives in the session id itself, so a restart loses nothing. */
export interface LegacyClientSession {
  readonly sid: string;
  /** The sign-in that it belongs to. */
  readonly signIn: string;
  /** Epoch milliseconds; 0 where a version that did not keep it sealed the id. */
  readonly beganAt: number;
  readonly version: string;
  /** `{ name, version }`, unverified. */
  readonly clientInfo: JsonObject | undefined;
  /** What it declared in `initialize`. */
  readonly capabilities: JsonObject;
  /** The server of `/mcp/{server}`, null at `/mcp`. */
  readonly endpoint: string | null;
  /** Epoch milliseconds: a client session never outlives its sign-in. */
  readonly expiresAt: number;
}

type Sealing = Pick<StorageService, 'seal' | 'open'>;

/** As it stands in an id; a version that did not keep everything may have sealed it. */
type Sealed = Omit<LegacyClientSession, 'beganAt'> & { readonly beganAt?: number };

export function newSession(
  caller: Caller,
  agreed: Pick<LegacyClientSession, 'version' | 'clientInfo' | 'capabilities' | 'endpoint'>,
): LegacyClientSession {
  return {
    ...agreed,
    clientInfo: within(MAX_CLIENT_INFO, agreed.clientInfo),
    capabilities: within(MAX_CAPABILITIES, agreed.capabilities) ?? {},
    sid: randomBytes(16).toString('base64url'),
    signIn: caller.session.id,
    beganAt: Date.now(),
    expiresAt: caller.session.expiresAt,
  };
}

function within(limit: number, value: JsonObject | undefined): JsonObject | undefined {
  return value !== undefined && Buffer.byteLength(JSON.stringify(value)) <= limit ? value : undefined;
}

/** The `Mcp-Session-Id`: sealed, and bound to the sign-in, so that nobody else's token makes it open. */
export function sealSession(sealing: Sealing, caller: Caller, session: LegacyClientSession): string {
  return sealing.seal(PURPOSE, caller.session.id, Buffer.from(JSON.stringify(session))).toString('base64url');
}

/** The session behind an id; undefined where it is foreign, broken, expired or of another endpoint. */
export function openSession(
  sealing: Sealing,
  caller: Caller,
  token: string,
  endpoint: string | undefined,
  now: number,
): LegacyClientSession | undefined {
  if (token.length > MAX_TOKEN) return undefined;
  try {
    const plain = sealing.open(PURPOSE, caller.session.id, Buffer.from(token, 'base64url'));
    const session = JSON.parse(plain.toString()) as Sealed;
    const valid = isObject(session) && session.expiresAt > now && session.endpoint === (endpoint ?? null);
    if (!valid) return undefined;
    const { capabilities, beganAt = 0 } = session;
    return { ...session, capabilities: isObject(capabilities) ? capabilities : {}, signIn: caller.session.id, beganAt };
  } catch {
    return undefined;
  }
}
