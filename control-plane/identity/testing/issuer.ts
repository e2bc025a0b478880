import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters, type JWTPayload } from 'jose';

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: object;
}

/** An issuer of signed tokens on loopback: metadata and keys as GitHub Actions, Kubernetes and SPIFFE publish them. */
export class TestIssuer implements AsyncDisposable {
  /** Requests for keys so far. */
  keyRequests = 0;
  #keys: readonly Key[] = [];

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<TestIssuer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const issuer = new TestIssuer(address, server);
    await issuer.rotate();
    server.on('request', (request, response) => {
      const isMetadata = request.url === '/.well-known/openid-configuration';
      if (!isMetadata) issuer.keyRequests += 1;
      const keys = { keys: issuer.#keys.map(({ publicJwk }) => publicJwk) };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(isMetadata ? { issuer: address, jwks_uri: `${address}/keys` } : keys));
    });
    return issuer;
  }

  /** From now on only a new key is published and signs. */
  async rotate(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const kid = crypto.randomUUID();
    this.#keys = [{ kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } }];
  }

  /** Good for 300 s unless the claims say otherwise; a claim that is undefined is left out. */
  async sign(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const [key] = this.#keys;
    if (!key) throw new Error('no key');
    const iat = Math.floor(Date.now() / 1000);
    const whole = { iss: this.issuer, iat, exp: iat + 300, jti: crypto.randomUUID(), ...claims };
    return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header }).sign(key.privateKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
