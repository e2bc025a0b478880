import { freePort } from '../../../demo/stack/ports.js';
import { startApplication, type TestApplication } from './application.js';
import { IDP_CLIENT, TestIdp } from './idp.js';

/** A company of two IdPs, `corp` for acme.example and `bought` for bought.example and bought.test, and any others. */
export class TwoProviders implements AsyncDisposable {
  private constructor(
    readonly system: TestApplication,
    readonly corp: TestIdp,
    readonly bought: TestIdp,
  ) {}

  /** `others`: more of `identity.providers`. Both know Alice by the same address. */
  static async start(others: object = {}): Promise<TwoProviders> {
    const port = await freePort();
    const redirectUri = `http://127.0.0.1:${port}/auth/callback`;
    const [corp, bought] = await Promise.all([TestIdp.start({ redirectUri }), TestIdp.start({ redirectUri })]);
    for (const idp of [corp, bought]) {
      idp.users.set('alice', { email: 'alice@acme.example', name: 'Alice', groups: ['staff'], active: true });
    }
    const client = { clientId: IDP_CLIENT.id, clientSecret: 'env:IDP_SECRET' };
    const providers = {
      corp: { ...client, issuer: corp.issuer, emailDomains: ['acme.example'] },
      bought: { ...client, issuer: bought.issuer, emailDomains: ['bought.example', 'bought.test'] },
      ...others,
    };
    const system = await startApplication({ port, idp: corp, settings: { identity: { providers } } });
    return new TwoProviders(system, corp, bought);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await Promise.all([this.corp.close(), this.bought.close()]);
  }
}

/** Where a page's link with this text leads. */
export function linkIn(text: string, words: string): string {
  const links = [...text.matchAll(/<a[^>]*href="([^"]*)"[^>]*>([^<]*)/g)];
  return (links.find(([, , label = '']) => label.includes(words))?.[1] ?? '').replaceAll('&amp;', '&');
}
