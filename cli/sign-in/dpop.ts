import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import type { EcPrivateJwk } from '../credential-store/saved-sign-in.js';

export interface ProofParts {
  readonly method: string;
  readonly url: string;
  /** Seconds since 1970, by the server's clock. */
  readonly issuedAt: number;
  readonly accessToken?: string;
  readonly nonce?: string;
  /** What the bridge says of the agents behind the request. */
  readonly chain?: AgentChain;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function newDpopKey(): EcPrivateJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'jwk' }) as unknown as EcPrivateJwk;
}

/** Makes DPoP proofs (RFC 9449 §4.2) with one key, ES256. */
export class ProofMaker {
  readonly #key: KeyObject;
  readonly #header: string;

  constructor(key: EcPrivateJwk) {
    const { kty, crv, x, y } = key;
    this.#key = createPrivateKey({ key: { ...key }, format: 'jwk' });
    this.#header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
  }

  proof(parts: ProofParts): string {
    const { origin, pathname } = new URL(parts.url);
    const payload = encode({
      jti: randomUUID(),
      htm: parts.method,
      // Without query and fragment (RFC 9449 §4.2).
      htu: `${origin}${pathname}`,
      iat: parts.issuedAt,
      ...(parts.accessToken ? { ath: createHash('sha256').update(parts.accessToken).digest('base64url') } : {}),
      ...(parts.nonce ? { nonce: parts.nonce } : {}),
      ...(parts.chain ? { chain: parts.chain } : {}),
    });
    const signed = `${this.#header}.${payload}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}
