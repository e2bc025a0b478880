import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult, type JWTHeaderParameters } from 'jose';

export type KeyPair = GenerateKeyPairResult;

export interface ProofRequest {
  readonly method: string;
  readonly url: string;
  readonly accessToken?: string;
}

export interface ProofChanges {
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with another key than the one in the header. */
  readonly signWith?: GenerateKeyPairResult['privateKey'];
}

export async function newKey(): Promise<KeyPair> {
  return generateKeyPair('ES256', { extractable: true });
}

/** A DPoP proof (RFC 9449 §4.2), good unless changed. */
export async function proof(keys: KeyPair, request: ProofRequest, changes: ProofChanges = {}): Promise<string> {
  const { accessToken } = request;
  const claims = {
    jti: randomUUID(),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(Date.now() / 1000),
    ...(accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
    ...changes.claims,
  };
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(keys.publicKey), ...changes.header };
  return new SignJWT(claims).setProtectedHeader(header).sign(changes.signWith ?? keys.privateKey);
}
