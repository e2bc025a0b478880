import type { CredentialSettings } from '../config/settings.js';
import { headerNameObjection, type Objection } from './header-name.js';

/** An objection to one key of a `credential`. */
export interface CredentialObjection extends Objection {
  readonly key: 'name' | 'username' | 'header';
}

/**
 * What no schema can say about a credential: reserved headers, user names that basic authentication can't carry,
 * query parameters that the address has already. Pure, for the configuration check; `resolve` asks it again.
 * @param url the server's address.
 */
export function credentialObjections(credential: CredentialSettings, url: string): CredentialObjection[] {
  switch (credential.kind) {
    case 'header':
      return keyed('name', headerNameObjection(credential.name));
    case 'basic':
      return keyed('username', userNameObjection(credential.username));
    case 'query':
      return keyed('name', queryNameObjection(credential.name, url));
    case 'cookie':
      return keyed('name', cookieNameObjection(credential.name));
    case 'user-assertion':
      return keyed('header', headerNameObjection(credential.header));
    case 'bearer':
    case 'client-credentials':
    case 'oauth':
    case 'token-exchange':
    case 'on-behalf-of':
    case 'cross-app-access':
    case 'github-app':
    case 'aws-sigv4':
      return [];
    default:
      return credential satisfies never;
  }
}

function keyed(key: CredentialObjection['key'], objection: Objection | undefined): CredentialObjection[] {
  return objection === undefined ? [] : [{ key, ...objection }];
}

// RFC 7617 §2
function userNameObjection(name: string): Objection | undefined {
  if (!/[:\p{Cc}]/u.test(name)) return undefined;
  return { message: 'a user name holds no colon and no control character', fix: 'correct the user name' };
}

// RFC 6265 §4.1.1
function cookieNameObjection(name: string): Objection | undefined {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return undefined;
  return { message: 'not the name of a cookie', fix: 'correct the name' };
}

function queryNameObjection(name: string, url: string): Objection | undefined {
  if (/\p{Cc}/u.test(name)) return { message: 'not the name of a query parameter', fix: 'correct the name' };
  if (URL.parse(url)?.searchParams.has(name) !== true) return undefined;
  return { message: 'the url has a parameter of this name already', fix: 'remove it from the url' };
}
