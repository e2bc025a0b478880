interface Cookie {
  readonly origin: string;
  readonly path: string;
  readonly value: string;
}

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser for tests: cookies by origin and path, redirects, forms. It stops at an address outside of `stopAt`. */
export class TestBrowser {
  readonly #cookies = new Map<string, Cookie>();

  /** Follows redirects until a page, or until an address that starts with `stopAt`, which is not fetched. */
  async open(address: string | URL, stopAt = 'http://127.0.0.1:1/', init: RequestInit = {}): Promise<Page> {
    let url = new URL(address);
    let request = init;
    for (let hop = 0; hop < 20; hop += 1) {
      if (url.href.startsWith(stopAt)) return { url, status: 0, headers: new Headers(), text: '' };
      const response = await this.fetch(url, request);
      const location = response.headers.get('location');
      if (location === null) {
        return { url, status: response.status, headers: response.headers, text: await response.text() };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      request = {};
    }
    throw new Error(`too many redirects at ${url.href}`);
  }

  /** Submits the page's form with its hidden fields and `fields`. */
  async submit(page: Page, fields: Record<string, string>, stopAt?: string): Promise<Page> {
    const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? page.url.href;
    const body = new URLSearchParams(fields);
    for (const [, name = '', value = ''] of page.text.matchAll(
      /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
    )) {
      body.set(name, value);
    }
    return this.open(new URL(action, page.url), stopAt, { method: 'POST', body });
  }

  async fetch(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies]
      .filter(([, { origin, path }]) => origin === url.origin && url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ').at(-1)}=${value}`)
      .join('; ');
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    return response;
  }

  /** Names of the cookies that are held for an origin. */
  cookieNames(origin: string): string[] {
    return [...this.#cookies]
      .filter(([, cookie]) => cookie.origin === origin)
      .map(([key]) => key.split(' ').at(-1) ?? '');
  }

  forget(origin: string): void {
    for (const [key, cookie] of this.#cookies) if (cookie.origin === origin) this.#cookies.delete(key);
  }

  #keep({ origin }: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const path = /^path=(.*)$/i.exec(attributes.find((text) => /^path=/i.test(text)) ?? '')?.[1] ?? '/';
    const key = `${origin} ${path} ${name}`;
    if (value === '') this.#cookies.delete(key);
    else this.#cookies.set(key, { origin, path, value });
  }
}
