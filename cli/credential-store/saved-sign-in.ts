import type { Account } from '../sign-in/token-source.js';

/** Whose tokens: one control plane as one OAuth client. */
export interface Slot {
  readonly origin: string;
  readonly client: string;
}

/** A P-256 private key (RFC 7518 §6.2). */
export interface EcPrivateJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

/** All that a sign-in leaves on this computer. Times are milliseconds since 1970, by this computer's clock. */
export interface SavedSignIn {
  readonly account: Account;
  readonly dpopKey: EcPrivateJwk;
  /** Empty where it can't be renewed: a break-glass sign-in ends with its access token. */
  readonly refreshToken: string;
  readonly accessToken: string;
  /** What was granted, separated by spaces. */
  readonly scope?: string;
  /** True where the sign-in was asked to be a new one, and was. */
  readonly fresh?: boolean;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export type SavedSignIns = Readonly<Record<string, SavedSignIn>>;

export function slotKey(slot: Slot): string {
  return `${slot.client} ${slot.origin}`;
}

export function slotOf(key: string): Slot {
  const at = key.indexOf(' ');
  return { client: key.slice(0, at), origin: key.slice(at + 1) };
}
