import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** A machine with a key of its own, whose public half is in the environment of the control plane. */
export class TestMachine {
  readonly publicPem: string;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.#privateKey = privateKey;
  }

  /** The parameters of RFC 7523 §2.2 that authenticate a client. */
  async authentication(clientId: string, audience: string, claims: object = {}): Promise<Record<string, string>> {
    const now = Math.floor(Date.now() / 1000);
    const whole = { iss: clientId, sub: clientId, aud: audience, jti: crypto.randomUUID(), exp: now + 60, ...claims };
    const assertion = await new SignJWT({ ...whole }).setProtectedHeader({ alg: 'ES256' }).sign(this.#privateKey);
    return {
      client_id: clientId,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
  }
}

export interface TokenAnswer {
  readonly status: number;
  readonly error?: string;
  readonly error_description?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly expires_in?: number;
  readonly token_type?: string;
  readonly issued_token_type?: string;
}

/** One request to the token endpoint of `publicUrl`. */
export async function requestToken(
  publicUrl: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${publicUrl}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
