import type { CredentialSettings } from '../config/settings.js';
import { headerNameObjection, type Objection } from './header-name.js';

/** An objection to one key of a `credential`. */
export interface CredentialObjection extends Objection {
  readonly key: 'name' | 'username';
}

/**
 * What no schema can say about a credential: reserved headers, user names that basic authentication can't carry,
 * query parameters that the address has already. Pure, for the configuration check; `resolve` asks it again.
 * @param url the server's address.
 */
export function credentialObjections(credential: CredentialSettings, url: string): CredentialObjection[] {
  switch (credential.kind) {
    case 'bearer':
      return [];
    case 'header':
      return keyed('name', headerNameObjection(credential.name));
    case 'basic':
      return keyed('username', userNameObjection(credential.username));
    case 'query':
      return keyed('name', queryNameObjection(credential.name, url));
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

function queryNameObjection(name: string, url: string): Objection | undefined {
  if (/\p{Cc}/u.test(name)) return { message: 'not the name of a query parameter', fix: 'correct the name' };
  if (URL.parse(url)?.searchParams.has(name) !== true) return undefined;
  return { message: 'the url has a parameter of this name already', fix: 'remove it from the url' };
}
