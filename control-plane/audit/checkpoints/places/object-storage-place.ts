import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Place } from '../place.js';
import type { Outgoing, Send } from '../../delivery/send.js';

const DIGITS = 16;

interface ObjectStorage {
  /** Address of the S3 API; the bucket is the first segment of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before the name of each object. */
  readonly prefix: string;
}

interface ObjectStorageOptions extends ObjectStorage {
  readonly name: string;
  /** Read at each attempt, so that new ones need no restart. */
  readonly keys: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }>;
  readonly send: Send;
}

/** Puts each checkpoint into an object of its own, the signed note as it is; to put it again changes nothing. */
export function objectStoragePlace({ name, keys, send, ...at }: ObjectStorageOptions): Place {
  return {
    name,
    async publish({ size, note }, signal) {
      const object = `${at.prefix}${String(size).padStart(DIGITS, '0')}.txt`;
      const path = [at.bucket, ...object.split('/')].map((segment) => encodeURIComponent(segment)).join('/');
      const url = `${at.endpoint.replace(/\/$/, '')}/${path}`;
      await send(url, await signedPut(url, note, { ...(await keys()), region: at.region }), signal);
    },
  };
}

async function signedPut(
  url: string,
  body: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string },
): Promise<Outgoing> {
  const sha256 = createHash('sha256').update(body).digest();
  const signer = new AwsV4Signer({
    method: 'PUT',
    url,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-amz-content-sha256': sha256.toString('hex'),
      // A bucket with object lock takes nothing without a checksum.
      'x-amz-checksum-sha256': sha256.toString('base64'),
    },
    body,
    service: 's3',
    ...keys,
  });
  const { headers } = await signer.sign();
  headers.delete('host');
  return { method: 'PUT', headers: Object.fromEntries(headers), body };
}
