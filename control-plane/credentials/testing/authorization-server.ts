import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { errors, Provider, type ClientMetadata } from 'oidc-provider';

/** What an upstream's url is, in tokens and settings. */
export const CRM = 'https://crm.acme.example/mcp';

export interface AuthorizationServerOptions {
  readonly clients: readonly ClientMetadata[];
  /** Seconds that a token lives. */
  readonly life?: number;
}

/** A real authorization server for upstreams on loopback: client credentials with resource indicators. */
export class AuthorizationServer implements AsyncDisposable {
  /** Requests to the token endpoint: their forms, and how the client proved itself. */
  readonly requests: { readonly form: URLSearchParams; readonly authorization: string | undefined }[] = [];

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  static async start({ clients, life = 3600 }: AuthorizationServerOptions): Promise<AuthorizationServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const provider = new Provider(issuer, {
      jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'as' }] },
      clients: clients.map((client) => ({
        application_type: 'native',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        id_token_signed_response_alg: 'ES256',
        ...client,
      })),
      scopes: ['crm:read', 'crm:write'],
      ttl: { ClientCredentials: life },
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => {
            if (resource !== CRM) throw new errors.InvalidTarget();
            return {
              scope: 'crm:read crm:write',
              audience: CRM,
              accessTokenTTL: life,
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'ES256' } },
            };
          },
        },
      },
    });
    const made = new AuthorizationServer(issuer, server);
    provider.use(async (context, next) => {
      await next();
      if (context.path !== '/token') return;
      const form = new URLSearchParams((context['oidc']?.body ?? {}) as Record<string, string>);
      made.requests.push({ form, authorization: context.get('authorization') || undefined });
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
