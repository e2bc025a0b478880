import { SecretUnreadable } from '../config/secret-reference.js';

const MIN_LENGTH = 4;
const MAX_LENGTH = 8192;

/**
 * A secret as it will be used: one closing line break is taken off.
 * @throws SecretUnreadable where it is too short to be masked without shredding every answer, too long for a
 * header, or holds control characters. Never names the value.
 */
export function usableSecret(raw: string, shown: string): string {
  const value = raw.replace(/\r?\n$/, '');
  if (value === '') throw new SecretUnreadable(`${shown} is empty`, 'put the secret there');
  if (/\p{Cc}/u.test(value)) {
    throw new SecretUnreadable(`${shown} holds control characters`, 'store the secret alone, on one line');
  }
  if (!value.isWellFormed() || value.length < MIN_LENGTH || value.length > MAX_LENGTH) {
    throw new SecretUnreadable(
      `${shown} is not a text of ${MIN_LENGTH} to ${MAX_LENGTH} characters`,
      'store the secret itself, no more and no less',
    );
  }
  return value;
}

/** @throws SecretUnreadable where a header field can't carry the value unchanged (RFC 9110 §5.5). */
export function headerValue(value: string): string {
  if (/^[!-~](?:[ -~]*[!-~])?$/.test(value)) return value;
  throw new SecretUnreadable(
    'the secret has characters or outer blanks that no HTTP header can carry',
    'store the secret itself, in plain ASCII',
  );
}
