import { createHash, createHmac } from 'node:crypto';
import type { Received } from '../../../messaging/testing/receiver.js';

interface Expected {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What `authorization` must be. AWS General Reference, "Create a signed AWS API request", from the request as it came. */
export function signatureV4({ method, path, headers, body }: Received, expected: Expected): string {
  const { endpoint, region, accessKeyId, secretAccessKey } = expected;
  const signed = /SignedHeaders=([^,]+)/.exec(String(headers.authorization))?.[1] ?? '';
  const own: Record<string, unknown> = { ...headers, host: new URL(endpoint).host };
  const lines = signed.split(';').map((name) => `${name}:${String(own[name])}\n`);
  const request = [method, path, '', lines.join(''), signed, sha256(body)].join('\n');
  const time = String(headers['x-amz-date']);
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const parts = scope.split('/');
  const key = parts.reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
