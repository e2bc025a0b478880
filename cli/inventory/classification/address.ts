import { isIP } from 'node:net';
import { looksRandom } from './randomness.js';
import { secretKind } from './secret-text.js';
import type { FoundSecret } from '#shared/api/inventory.js';
import { isSecretName } from './secret-text.js';

/** An address as it may be shown, and what it held besides. */
export interface ShownAddress {
  readonly url: string;
  readonly secrets: readonly FoundSecret['kind'][];
  /** Plain HTTP to another machine. */
  readonly unencrypted: boolean;
}

/** An address without account, query and fragment, its random-looking segments withheld: who knows them may be who gets in. */
export function shownAddress(written: string): ShownAddress {
  const url = parse(written);
  if (!url) return { url: '(not an address)', secrets: secretOf(written), unencrypted: false };
  const segments = url.pathname.split('/').map(decode);
  const kinds = [
    ...(url.password === '' ? [] : ['url_password' as const]),
    ...(url.password === '' && url.username !== '' ? secretOf(url.username, 'token') : []),
    ...[...url.searchParams].flatMap(([name, value]) => secretOf(value, isSecretName(name) ? 'token' : name)),
    ...segments.flatMap((segment) => secretOf(segment)),
    ...url.hostname.split('.').flatMap((label) => (looksRandom(label) ? ['random' as const] : [])),
    ...secretOf(decode(url.hash.slice(1))),
  ];
  const host = url.hostname.split('.').map((label) => (secretKind({ value: label }) ? '…' : label));
  const path = url.pathname.split('/').map((segment) => (secretKind({ value: decode(segment) }) ? '…' : segment));
  const port = url.port === '' ? '' : `:${url.port}`;
  return {
    url: `${url.protocol}//${isIP(url.hostname) ? url.hostname : host.join('.')}${port}${path.join('/')}`,
    secrets: kinds,
    unencrypted: ['http:', 'ws:'].includes(url.protocol) && !isLoopback(url.hostname),
  };
}

/** Whether a host, as a URL writes it, is this machine alone. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^(?:::ffff:)?127(?:\.\d+){3}$/.test(bare)
  );
}

/** Whether an address to listen at is every address of the machine. */
export function isEveryAddress(address: string): boolean {
  return ['0.0.0.0', '::', '[::]', '*', '0', '::ffff:0.0.0.0'].includes(address);
}

function secretOf(value: string, name?: string): FoundSecret['kind'][] {
  const kind = secretKind({ name, value });
  return kind === undefined ? [] : [kind];
}

function parse(written: string): URL | undefined {
  // A reference stands where any text may: it is no part of what we show.
  const url = URL.canParse(written) ? new URL(written) : undefined;
  return url && /^(?:https?|wss?):$/.test(url.protocol) ? url : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
