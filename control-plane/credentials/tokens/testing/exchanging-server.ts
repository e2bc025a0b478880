import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';
import type { TestIdp } from '../../../identity/testing/idp.js';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type';

/** The authorization server of an MCP server that takes tokens of the company's IdP (RFC 8693). */
export class ExchangingServer implements AsyncDisposable {
  exchanges = 0;

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly provider: Provider,
  ) {}

  static async start(clientSecret: string): Promise<ExchangingServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = {
      client_id: 'mcp-sso',
      client_secret: clientSecret,
      grant_types: [TOKEN_EXCHANGE],
      response_types: [],
      redirect_uris: [],
    };
    const provider = new Provider(issuer, { clients: [client], scopes: ['crm:read', 'crm:write'] });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new ExchangingServer(issuer, server, provider);
  }

  /** Whose token it is, and what it may do. */
  async bearer(token: string): Promise<{ readonly person: string; readonly scope: string | undefined } | undefined> {
    const found = await this.provider.AccessToken.find(token);
    return found && { person: found.accountId, scope: found.scope };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Whose tokens it takes. */
  trust(idp: TestIdp): void {
    this.provider.registerGrantType(
      TOKEN_EXCHANGE,
      async (context) => {
        this.exchanges += 1;
        const { params, client } = context.oidc;
        if (!client) throw new Error('no client');
        const person = await subjectOf(idp, params ?? {});
        const scope = typeof params?.['scope'] === 'string' ? params['scope'] : undefined;
        const token = new this.provider.AccessToken({
          accountId: person,
          client,
          grantId: 'none',
          gty: 'token-exchange',
          ...(scope === undefined ? {} : { scope }),
        });
        context.body = {
          access_token: await token.save(),
          issued_token_type: `${TYPE}:access_token`,
          token_type: 'Bearer',
          expires_in: token.expiration,
          ...(scope === undefined ? {} : { scope }),
        };
      },
      ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'],
    );
  }
}

async function subjectOf(idp: TestIdp, params: Readonly<Record<string, unknown>>): Promise<string> {
  const token = String(params['subject_token']);
  if (params['subject_token_type'] === `${TYPE}:id_token`) {
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
    return (await jwtVerify(token, keys, { issuer: idp.issuer })).payload.sub ?? '';
  }
  const found = await idp.provider.AccessToken.find(token);
  if (!found) throw new Error('no token of the provider');
  return found.accountId;
}
