import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { Browser } from '../../demo/walk/browser.js';
import type { Page } from '../../demo/walk/page.js';
import { signInAs } from '../../demo/walk/sign-in.js';

export const APP_CALLBACK = 'http://localhost:41999/callback';

/** What an app of another company keeps of a sign-in, as the MCP SDKs ask for it; a person signs in when it is told to. */
export class RemoteApp implements OAuthClientProvider {
  readonly redirectUrl = APP_CALLBACK;
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'A remote app',
    redirect_uris: [APP_CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  /** The last authorization request. */
  authorization: URL | undefined;
  saved: OAuthTokens | undefined;
  client: OAuthClientInformationMixed | undefined;
  #verifier = '';

  declare readonly clientMetadataUrl?: string;

  /** Without an address of a document about itself, it registers. `way` is how its person signs in. */
  constructor(
    private readonly person: string,
    documentUrl?: string,
    private readonly way: (browser: Browser, url: URL, person: string) => Promise<Page> = signInAs,
  ) {
    if (documentUrl !== undefined) this.clientMetadataUrl = documentUrl;
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.saved;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.saved = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.authorization = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  /** The person signs in and approves; resolves to where the app is called back. */
  async signIn(): Promise<URL> {
    if (!this.authorization) throw new Error('The app has not asked for a sign-in.');
    const browser = new Browser((url) => url.href.startsWith(APP_CALLBACK));
    return (await this.way(browser, this.authorization, this.person)).url;
  }
}
