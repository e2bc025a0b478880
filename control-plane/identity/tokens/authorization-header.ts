import { CodedError } from '#shared/errors.js';

export interface PresentedToken {
  readonly scheme: 'dpop' | 'bearer';
  readonly token: string;
}

const HEADER = /^(DPoP|Bearer) ([A-Za-z0-9._~+/-]+=*)$/i;

/** Reads the one `Authorization` line (RFC 9110 §11.6.2); two lines could show each reader another token. */
export function readAuthorization(lines: readonly string[]): PresentedToken {
  const [line, ...more] = lines;
  if (line === undefined) throw new CodedError('sign_in_needed');
  if (more.length > 0) throw new CodedError('token_invalid', { message: 'Send exactly one Authorization header.' });
  const [, scheme, token] = HEADER.exec(line) ?? [];
  if (scheme === undefined || token === undefined) {
    throw new CodedError('token_invalid', { message: 'Send the access token with the scheme DPoP or Bearer.' });
  }
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}
