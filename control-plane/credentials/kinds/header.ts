import { NO_INJECTION, type Injection } from '../injection.js';
import { headerValue } from '../secret-value.js';

const SCHEME_AND_TOKEN = /^[A-Za-z][A-Za-z0-9-]* +(\S.{7,})$/;

/** The secret as the whole value of one header; the name is sent in lower case. */
export function header(reference: string, name: string, secret: string): Injection {
  // `ApiKey abc…`: an upstream may echo the token without its scheme.
  const token = SCHEME_AND_TOKEN.exec(secret)?.[1];
  return {
    ...NO_INJECTION,
    reference,
    headers: { [name.toLowerCase()]: headerValue(secret) },
    secrets: token === undefined ? [secret] : [secret, token],
  };
}
