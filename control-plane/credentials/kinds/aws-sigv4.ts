import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { CredentialOf } from '../../config/credential-settings.js';
import { NO_INJECTION, type Injection, type OutgoingRequest } from '../injection.js';
import { headerValue } from '../secret-value.js';

export type AwsCredential = CredentialOf<'aws-sigv4'>;
type Place = Pick<AwsCredential, 'region' | 'service'>;

/** A key of AWS, long-lived or with the token of a session. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Proxies on the way change these, so they are not signed. */
const UNSIGNED = new Set(['cache-control', 'connection', 'user-agent']);
/** What the signer makes; the rest of what it returns is the request's own. */
const ADDED = ['authorization', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];

/**
 * Signature Version 4 (AWS General Reference, "Create a signed AWS API request"): each request is signed for itself, over
 * its method, address, headers and body. What it masks are the keys: a signature opens nothing but the same request
 * again, for some minutes.
 */
export function awsSigV4(reference: string, place: Place, keys: AwsKeys): Injection {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return {
    ...NO_INJECTION,
    reference,
    sign: (request) => signed(request, place, keys),
    secrets: [secretAccessKey, accessKeyId, ...(sessionToken === undefined ? [] : [sessionToken])],
  };
}

/**
 * Reads what the settings refer to.
 * @throws SecretUnreadable
 */
export async function awsKeys(
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredential,
  read: (reference: string) => Promise<string>,
): Promise<AwsKeys> {
  const [id, secret, token] = await Promise.all([
    read(accessKeyId),
    read(secretAccessKey),
    sessionToken === undefined ? undefined : read(sessionToken),
  ]);
  return {
    accessKeyId: headerValue(id),
    secretAccessKey: secret,
    sessionToken: token === undefined ? undefined : headerValue(token),
  };
}

/** The headers to add. `now` as `20150830T123600Z`; by the clock unless given. */
export async function signed(
  { method, url, headers, body }: OutgoingRequest,
  { region, service }: Place,
  { accessKeyId, secretAccessKey, sessionToken }: AwsKeys,
  now?: string,
): Promise<Record<string, string>> {
  const known = Object.entries(headers).filter(([name]) => !UNSIGNED.has(name.toLowerCase()));
  const signer = new AwsV4Signer({
    method,
    url,
    // Named, so that the body is signed for every service: for S3 it would not be.
    headers: { ...Object.fromEntries(known), 'x-amz-content-sha256': sha256(body) },
    body,
    region,
    service,
    accessKeyId,
    secretAccessKey,
    allHeaders: true,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(now === undefined ? {} : { datetime: now }),
  });
  const result = await signer.sign();
  const added = ADDED.map((name) => [name, result.headers.get(name)] as const);
  return Object.fromEntries(added.filter((header): header is [string, string] => header[1] !== null));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
