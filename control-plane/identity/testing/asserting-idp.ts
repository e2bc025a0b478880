import { createRemoteJWKSet, jwtVerify } from 'jose';
import { IDP_CLIENT, TestIdp } from './idp.js';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const PARAMETERS = [
  'audience',
  'resource',
  'scope',
  'requested_token_type',
  'subject_token',
  'subject_token_type',
] as const;

type AssertionParameters = Readonly<Partial<Record<(typeof PARAMETERS)[number], string>>>;

/** How an IdP lies about the next assertions. */
interface Lie {
  readonly claims?: object;
  readonly header?: object;
  /** Of the token endpoint's answer. */
  readonly answer?: object;
}

/** A company's IdP that makes identity assertions (ID-JAG) for its own ID tokens, and remembers what was asked. */
export class AssertingIdp {
  readonly requests: AssertionParameters[] = [];
  /** Who we are at an authorization server, by its issuer. */
  readonly clients = new Map<string, string>();
  lie: Lie = {};

  private constructor(readonly idp: TestIdp) {}

  static async start(redirectUri: string): Promise<AssertingIdp> {
    const registration = { grant_types: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE] };
    const asserting = new AssertingIdp(await TestIdp.start({ redirectUri, registration }));
    const { provider, issuer } = asserting.idp;
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    provider.registerGrantType(
      TOKEN_EXCHANGE,
      async (context) => {
        const asked = (context.oidc.params ?? {}) as AssertionParameters;
        asserting.requests.push(asked);
        const { payload } = await jwtVerify(asked.subject_token ?? '', keys, { issuer, audience: IDP_CLIENT.id });
        context.body = await asserting.#answer(asked, payload.sub ?? '');
      },
      [...PARAMETERS],
    );
    return asserting;
  }

  async #answer({ audience = '', resource, scope }: AssertionParameters, sub: string): Promise<object> {
    const exp = Math.floor(Date.now() / 1000) + 300;
    const told = { sub, aud: audience, client_id: this.clients.get(audience), resource, scope, exp };
    const header = { typ: 'oauth-id-jag+jwt', ...this.lie.header };
    const assertion = await this.idp.sign({ ...told, ...this.lie.claims }, header);
    const answer = { issued_token_type: ID_JAG, access_token: assertion, token_type: 'N_A', expires_in: 300 };
    return { ...answer, ...this.lie.answer };
  }
}
