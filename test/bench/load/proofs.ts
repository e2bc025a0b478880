import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { LoadClient, LoadJob } from './job.js';

/** A source of one client's own header lines; DPoP proofs are made now, so that the load does not pay for them. */
export function credentialLines(client: LoadClient, job: LoadJob): () => string | undefined {
  const { accessToken, key, session } = client;
  const own = session === undefined ? '' : `mcp-session-id: ${session}\r\n`;
  if (accessToken === undefined) return () => own;
  if (key === undefined) return () => `${own}authorization: Bearer ${accessToken}\r\n`;
  const privateKey = createPrivateKey({ key: key.private, format: 'jwk' });
  const head = encoded({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.public });
  const ath = createHash('sha256').update(accessToken).digest('base64url');
  const made = Array.from({ length: job.proofs }, () => {
    const claims = { jti: randomUUID(), htm: 'POST', htu: job.target, iat: Math.floor(Date.now() / 1000), ath };
    const text = `${head}.${encoded(claims)}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${own}authorization: DPoP ${accessToken}\r\ndpop: ${text}.${signature.toString('base64url')}\r\n`;
  });
  return () => made.pop();
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
