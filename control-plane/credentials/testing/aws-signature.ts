import { createHash, createHmac } from 'node:crypto';

/** A request as a server of AWS receives it. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they stood on the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SignatureParts {
  readonly date: string; // 20150830T123600Z
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/**
 * The signature of a request, step by step as "Create a signed AWS API request" of the AWS General Reference says it, and
 * with nothing of the library that signs. `hash`: of the body as the sender names it.
 */
export function awsSignature(request: ReceivedRequest, secret: string, parts: SignatureParts): string {
  const day = parts.date.slice(0, 8);
  const scope = `${day}/${parts.region}/${parts.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', parts.date, scope, sha256(canonicalRequest(request, parts.signedHeaders))];
  const key = [day, parts.region, parts.service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign.join('\n')).toString('hex');
}

export function canonicalRequest(
  { method, target, headers, body }: ReceivedRequest,
  signed: readonly string[],
): string {
  const [path = '/', query = ''] = target.split('?');
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`);
  return [method, canonicalPath(path), canonicalQuery(query), lines.join(''), signed.join(';'), sha256(body)].join(
    '\n',
  );
}

/** What a server of AWS finds of a request: undefined where its signature does not hold. */
export function verified(
  request: ReceivedRequest,
  secret: string,
):
  | { readonly keyId: string; readonly region: string; readonly service: string; readonly signed: string[] }
  | undefined {
  const [, keyId = '', day, region = '', service = '', names = '', signature] =
    AUTHORIZATION.exec(String(request.headers['authorization'])) ?? [];
  const date = String(request.headers['x-amz-date']);
  const signed = names.split(';');
  const holds =
    day === date.slice(0, 8) &&
    request.headers['x-amz-content-sha256'] === sha256(request.body) &&
    signature === awsSignature(request, secret, { date, region, service, signedHeaders: signed });
  return holds ? { keyId, region, service, signed } : undefined;
}

/** Each segment of the path is encoded twice, except for S3. */
function canonicalPath(path: string): string {
  return path.split('/').map(uriEncode).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair
      .split('=')
      .map((part) => uriEncode(decodeURIComponent(part.replaceAll('+', ' '))));
    return `${name}=${value}`;
  });
  return pairs.toSorted().join('&');
}

/** RFC 3986 §2.3: what is unreserved stays. */
function uriEncode(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
