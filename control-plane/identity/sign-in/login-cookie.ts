import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CookieNames } from '../authorization-server/cookie-names.js';
import { ATTEMPT_LIFETIME } from './login-attempts.js';

const VALUE = /^[A-Za-z0-9_-]{43}$/;

export function newCookieValue(): string {
  return randomBytes(32).toString('base64url');
}

/** `Set-Cookie` for the browser that begins: Lax, because the IdP leads back by a cross-site redirect. */
export function loginCookie(names: CookieNames, interaction: string, value: string): string {
  return serialized(names, interaction, value, ATTEMPT_LIFETIME / 1000);
}

export function expiredLoginCookie(names: CookieNames, interaction: string): string {
  return serialized(names, interaction, '', 0);
}

function serialized(names: CookieNames, interaction: string, value: string, maxAge: number): string {
  const secure = names.secure ? '; Secure' : '';
  return `${names.login(interaction)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`;
}

/** The value that this browser holds for an authorization, from the raw `Cookie` header. */
export function readLoginCookie(
  header: string | undefined,
  names: CookieNames,
  interaction: string,
): string | undefined {
  const prefix = `${names.login(interaction)}=`;
  const pair = header?.split(';').find((part) => part.trim().startsWith(prefix));
  const value = pair?.trim().slice(prefix.length);
  return value !== undefined && VALUE.test(value) ? value : undefined;
}

/** What is stored instead of the cookie. */
export function browserOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

/** Binds the form to this authorization in this browser. */
export function csrfToken(key: Buffer, interaction: string, cookie: string): string {
  return createHmac('sha256', key).update(`${interaction}.${cookie}`).digest('base64url');
}

export function isSameToken(expected: string, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
