import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { SCIM_TOKEN } from '../../control-plane/identity/scim/testing/scim-request.js';
import { send, type HttpAnswer } from './http.js';

const AUDIENCE = 'https://receiver.demo.example';

/** What signs signals for a company's identity provider, as Okta does from its own address with its own keys. */
export class Transmitter implements AsyncDisposable {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly key: CryptoKey,
  ) {}

  static async start(): Promise<Transmitter> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const keys = JSON.stringify({
      keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'signals' }],
    });
    const server = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(keys),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Transmitter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, privateKey);
  }

  /** Lets the control plane of a stack hear it; takes effect at its next start. */
  allowAt(stack: Stack): void {
    const file = join(stack.config, 'mcp-sso.yaml');
    const signer = `issuer: ${this.issuer}, jwksUri: ${this.issuer}/keys`;
    writeFileSync(join(stack.config, 'scim.token'), SCIM_TOKEN, { mode: 0o600 });
    const scim = 'scim: { token: file:./scim.token, groups: token }';
    const more = `      ${scim}\n      universalLogout: { ${signer} }\n      sharedSignals: { ${signer}, audience: ${AUDIENCE} }\n`;
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/^ +groupsClaim: groups\n/m, (line) => line + more),
    );
  }

  /** Okta Universal Logout. */
  async logOut(stack: Stack, subject: object): Promise<HttpAnswer> {
    const url = stack.addresses.publicUrl + PATHS.globalTokenRevocation;
    const token = await this.#sign({ aud: url }, 'global-token-revocation+jwt');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return send(url, { method: 'POST', headers, body: JSON.stringify({ sub_id: subject }) });
  }

  /** A security event by push (RFC 8935). */
  async push(stack: Stack, event: string, subject: object): Promise<HttpAnswer> {
    const body = await this.#sign({ aud: AUDIENCE, sub_id: subject, events: { [event]: {} } }, 'secevent+jwt');
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    return send(stack.addresses.publicUrl + PATHS.securityEvents, { method: 'POST', headers, body });
  }

  async #sign(claims: JWTPayload, typ: string): Promise<string> {
    return new SignJWT({ iss: this.issuer, jti: randomUUID(), ...claims })
      .setIssuedAt()
      .setExpirationTime('5m')
      .setProtectedHeader({ alg: 'RS256', kid: 'signals', typ })
      .sign(this.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
