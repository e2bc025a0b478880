import { isObject } from '#shared/mcp/json-rpc.js';
import { isLoopback } from './address.js';
import { guideTo } from './guide.js';
import { valueAt, type Finding } from './key-path.js';
import { parseSecretReference, resolveSecret, SecretUnreadable } from './secret-reference.js';
import type { Surroundings } from './surroundings.js';
import { webhookKey } from './webhook-key.js';

type Objection = { readonly message: string; readonly fix?: string } | undefined;

/** Who is told, and what the mail server's password is, must not be read on the way. */
export function webhookUrl(text: string): Objection {
  const url = URL.parse(text);
  if (!url) return undefined;
  if (url.protocol === 'http:' && !isLoopback(url)) return { message: 'plain http is accepted for this machine only' };
  if (url.username !== '' || url.password !== '') {
    return { message: 'carries a user name', fix: 'leave it out; the signature proves who speaks' };
  }
  return text.includes('#') ? { message: 'an endpoint has no fragment' } : undefined;
}

export async function webhookSecret(text: string, { directory, environment }: Surroundings): Promise<Objection> {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') return undefined;
  try {
    const secret = await resolveSecret(reference, directory, environment);
    return webhookKey(secret) ? undefined : { message: 'not whsec_ with 24 to 64 bytes in base64' };
  } catch (error) {
    if (error instanceof SecretUnreadable) return { message: error.message, fix: error.fix };
    throw error;
  }
}

export function smtpUrl(text: string): Objection {
  const url = URL.parse(text);
  if (!url || !/^smtps?:$/.test(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '') {
    return { message: 'a secret in an address ends up in logs', fix: 'use username and password' };
  }
  const isBare = url.hostname !== '' && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  return isBare ? undefined : { message: 'more or less than a host and a port' };
}

/** A user name and a password belong together. */
export function notificationFindings(value: unknown): Finding[] {
  const smtp = valueAt(value, ['notifications', 'smtp']);
  if (!isObject(smtp)) return [];
  const { username, password } = smtp;
  if ((username === undefined) === (password === undefined)) return [];
  const path = ['notifications', 'smtp', username === undefined ? 'username' : 'password'];
  return [{ path, at: 'key', message: 'missing', fix: guideTo(path) }];
}
