import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

const CALLBACK = 'http://localhost:3000/callback';

/** A client that the scenario's authorization server knows already. */
export interface KnownClient {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
}

/** Signs in wherever it is asked to: the authorization servers of the suite redirect without a question. */
export class Person implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  /** The address that the suite expects (Client ID Metadata Documents). */
  readonly clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';
  readonly clientMetadata: OAuthClientMetadata = { client_name: 'conformance-driver', redirect_uris: [CALLBACK] };
  #client: StoredOAuthClientInformation | undefined;
  #tokens: StoredOAuthTokens | undefined;
  #verifier = '';
  #callback: URLSearchParams | undefined;

  constructor(known?: KnownClient) {
    this.#client = known;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#client;
  }

  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.#client = client;
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    const { headers } = await fetch(url, { redirect: 'manual' });
    this.#callback = new URL(headers.get('location') ?? CALLBACK).searchParams;
  }

  /** What the authorization server said by its last redirect. */
  callback(): URLSearchParams {
    if (this.#callback === undefined) throw new Error('Nobody was sent to an authorization server.');
    return this.#callback;
  }
}
