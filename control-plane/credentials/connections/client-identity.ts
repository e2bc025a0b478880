import * as oidc from 'openid-client';
import type { CredentialOf } from '../../config/credential-settings.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { SecretReaders } from '../secret-source.js';
import { clientAt } from '../tokens/authorization-server-client.js';
import { proofsOf } from '../tokens/client-proof.js';
import { clientSecretBasic } from '../tokens/client-secret-basic.js';
import type { AuthorizationServer } from './discovery/authorization-server.js';
import { DiscoveryFault } from './discovery/discovery-fault.js';
import { namedIssuer } from './named-issuer.js';
import type { RegisteredClients } from './registered-clients.js';
import type { UpstreamClient } from './upstream-client.js';
import { usableAnswer } from './usable-answer.js';

export interface ClientSurroundings {
  readonly fetch: GuardedFetch;
  readonly read: SecretReaders;
  /** Address of our client id metadata document; undefined where nobody else could read it. */
  readonly document: string | undefined;
  readonly registered: RegisteredClients;
}

/** Who we are at authorization servers, and how we prove it. */
export class ClientIdentity {
  constructor(private readonly around: ClientSurroundings) {}

  /** In the order of MCP 2026-07-28, Client Registration Approaches. Throws DiscoveryFault. */
  async clientAt(server: AuthorizationServer, { clientId }: CredentialOf<'oauth'>): Promise<UpstreamClient> {
    if (clientId !== undefined) return { kind: 'settings', clientId };
    const { document, registered } = this.around;
    if (server.client_id_metadata_document_supported === true && document !== undefined) {
      return { kind: 'document', clientId: document };
    }
    if (server.registration_endpoint !== undefined) return await registered.clientAt(server);
    throw new DiscoveryFault(
      `${server.issuer} registers no clients by itself`,
      'register one there by hand, and set clientId and clientSecret of the credential',
    );
  }

  /** Throws DiscoveryFault for settings that no longer say who the connection was made with. */
  async configuration(
    server: AuthorizationServer,
    client: UpstreamClient,
    settings: CredentialOf<'oauth'>,
  ): Promise<oidc.Configuration> {
    const proof = await this.#proof(server, client, settings);
    const { reach } = server;
    const send: oidc.CustomFetch = async (url, options) =>
      usableAnswer(await this.around.fetch(url, { ...options, reach }));
    return clientAt(server, client.clientId, proof, { send });
  }

  async #proof(
    server: AuthorizationServer,
    client: UpstreamClient,
    settings: CredentialOf<'oauth'>,
  ): Promise<oidc.ClientAuth> {
    if (client.kind === 'document') return oidc.None();
    if (client.kind === 'registered') return registeredProof(client);
    if (settings.clientSecret === undefined && settings.privateKey === undefined) return oidc.None();
    requireNamed(server, client, settings);
    try {
      const [proof] = await proofsOf(settings, server, this.around.read);
      return proof?.authentication ?? oidc.None();
    } catch (error) {
      if (error instanceof SecretUnreadable)
        throw new DiscoveryFault(error.message, error.fix, false, { cause: error });
      throw error;
    }
  }
}

/** The company's secret goes to the authorization server that the settings name, and to nobody whom an MCP server names. */
function requireNamed({ issuer }: AuthorizationServer, client: UpstreamClient, settings: CredentialOf<'oauth'>): void {
  if (settings.clientSecret === undefined) return;
  if (namedIssuer(settings) === issuer && settings.clientId === client.clientId) return;
  throw new DiscoveryFault(
    `clientSecret is not for ${client.clientId} at ${issuer}, as the settings are`,
    'set issuer of the credential to whom the secret is registered with, and connect again',
  );
}

function registeredProof({ clientSecret, method }: Extract<UpstreamClient, { kind: 'registered' }>): oidc.ClientAuth {
  if (clientSecret === null || method === 'none') return oidc.None();
  return method === 'client_secret_post' ? oidc.ClientSecretPost(clientSecret) : clientSecretBasic(clientSecret);
}
