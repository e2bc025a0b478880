import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Outgoing, Send } from './send.js';

const DAY_MS = 86_400_000;

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ObjectStorage {
  /** Address of the S3 API; the bucket is the first segment of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before the name of each object. */
  readonly prefix: string;
  readonly lock?: { readonly mode: 'governance' | 'compliance'; readonly days: number } | undefined;
  /** Read at each attempt, so that a new one needs no restart. */
  readonly key: () => Promise<AccessKey>;
  readonly send: Send;
}

interface StoredObject {
  /** Below the prefix. */
  readonly name: string;
  readonly contentType: string;
  readonly body: string;
}

/** `PutObject` of the S3 API: to put the same object again changes nothing. @throws DeliveryFailure */
export async function putObject(
  { endpoint, region, bucket, prefix, lock, key, send }: ObjectStorage,
  { name, contentType, body }: StoredObject,
  signal: AbortSignal,
): Promise<void> {
  const path = [bucket, ...`${prefix}${name}`.split('/')].map((segment) => encodeURIComponent(segment)).join('/');
  const url = `${endpoint.replace(/\/$/, '')}/${path}`;
  const headers = { 'content-type': contentType, ...(lock ? lockHeaders(lock, Date.now()) : {}) };
  await send(url, await signedPut({ url, headers, body, region, ...(await key()) }), signal);
}

function lockHeaders({ mode, days }: NonNullable<ObjectStorage['lock']>, now: number): Record<string, string> {
  return {
    'x-amz-object-lock-mode': mode.toUpperCase(),
    'x-amz-object-lock-retain-until-date': new Date(now + days * DAY_MS).toISOString(),
  };
}

interface Unsigned extends AccessKey {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly region: string;
}

async function signedPut({ headers: unsigned, body, ...options }: Unsigned): Promise<Outgoing> {
  const sha256 = createHash('sha256').update(body).digest();
  const signer = new AwsV4Signer({
    method: 'PUT',
    headers: {
      ...unsigned,
      'x-amz-content-sha256': sha256.toString('hex'),
      // A bucket with object lock takes nothing without a checksum.
      'x-amz-checksum-sha256': sha256.toString('base64'),
    },
    body,
    service: 's3',
    ...options,
  });
  const { headers } = await signer.sign();
  headers.delete('host');
  return { method: 'PUT', headers: Object.fromEntries(headers), body };
}
