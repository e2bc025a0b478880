import type { Provider } from 'oidc-provider';

/** What the library's client does and its types leave out. */
interface TellingClient {
  backchannelLogout(person: string, session: string): Promise<void>;
}

/** Which sessions each person has at each client, so that a sign-out reaches all of them. */
export class SignOut {
  readonly #sessions = new Map<string, { readonly client: string; readonly session: string }[]>();

  constructor(private readonly provider: Provider) {
    provider.on('authorization.success', ({ oidc: { session, client } }) => {
      const person = session?.accountId;
      if (client === undefined || person === undefined) return;
      const sid = session?.sidFor(client.clientId);
      if (sid === undefined) return;
      const known = this.#sessions.get(person) ?? [];
      this.#sessions.set(person, [...known, { client: client.clientId, session: sid }]);
    });
  }

  /** Tells each client (OpenID Connect Back-Channel Logout 1.0). Rejects where one does not answer 200. */
  async of(person: string): Promise<void> {
    const sessions = this.#sessions.get(person) ?? [];
    this.#sessions.delete(person);
    await Promise.all(
      sessions.map(async ({ client, session }) => {
        const found = (await this.provider.Client.find(client)) as TellingClient | undefined;
        await found?.backchannelLogout(person, session);
      }),
    );
  }
}
