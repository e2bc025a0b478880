import type { FoundSecret } from '#shared/api/inventory.js';
import { looksRandom } from './randomness.js';
import { knownToken } from './token-prefixes.js';

/** What a text holds, and what calls it so: the name of a variable, a header or a flag. */
export interface SecretQuestion {
  readonly name?: string | undefined;
  readonly value: string;
}

/** The kind of secret that a text holds; undefined where it holds none, or only says where one is (`${TOKEN}`). */
export function secretKind({ name = '', value }: SecretQuestion): FoundSecret['kind'] | undefined {
  const text = withoutReferences(value).trim();
  if (text === '' || isPlaceholder(text)) return undefined;
  const known = knownToken(text);
  if (known) return known;
  if (hasPassword(text)) return 'url_password';
  const scheme = /^(basic|bearer|token)\s+(\S+)/i.exec(text);
  if (scheme) return scheme[1]?.toLowerCase() === 'basic' ? 'basic_authorization' : 'bearer_authorization';
  if (SCHEME_ALONE.test(text)) return undefined;
  if (isSecretName(name) && !isHarmless(text)) return 'named';
  return looksRandom(text) ? 'random' : undefined;
}

const SCHEME_ALONE = /^(basic|bearer|token)$/i;

/** What stands for a value that is kept elsewhere: `${X:-otherwise}` keeps the `otherwise`, which is written here. */
function withoutReferences(value: string): string {
  return value
    .replaceAll(/\$\{(?:env:|input:|secret:)?[\w.-]*(?::-([^}]*))?\}/g, '$1')
    .replaceAll(/\{\{[^}]*\}\}|\{(?:env|file):[^}]*\}|%[A-Z_][A-Z0-9_]*%|\$[A-Z_][A-Z0-9_]*\b/gi, '')
    .replaceAll(/\b(?:op|vault|keychain|secret):\/\/\S+/g, '');
}

function isPlaceholder(text: string): boolean {
  return (
    /^<[^<>]*>$/.test(text) ||
    /^(?:bearer\s+)?(?:your|my|insert|enter|paste)[-_ ]/i.test(text) ||
    /^[x*.…]+$/i.test(text)
  );
}

const SECRET_NAME =
  /token|secret|passw|pwd|api[-_ ]?key|apikey|access[-_]?key|private[-_]?key|credential|authorization|cookie|connection[-_]?string|database[-_]?url|dsn|auth[-_]?key|(?:^|[-_])(?:key|pat|auth|pass|jwt|pin)$/i;

/** Names of what only says where a secret is, or how many of something there may be. */
const POINTER =
  /(?:file|path|dir|url|uri|endpoint|host|issuer|name|env[-_]?var|type|count|limit|max\w*|timeout|ttl|budget)$/i;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && (!POINTER.test(name) || /database[-_]?url$/i.test(name));
}

function isHarmless(text: string): boolean {
  return text.length < 3 || /^(?:true|false|null|none|yes|no|on|off|auto|oauth2?|https?:\/\/[^\s?#@]*)$/i.test(text);
}

/** `postgres://app:geheim@db/orders`, and `server;Password=geheim;`. */
function hasPassword(text: string): boolean {
  return (
    /\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*:[^\s/?#@]+@/i.test(text) || /\b(?:password|pwd)\s*=\s*[^\s;&]+/i.test(text)
  );
}
