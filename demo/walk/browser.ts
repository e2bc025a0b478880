import { CookieJar } from 'tough-cookie';
import { request } from 'undici';
import { mayBeSentTo } from './content-security.js';
import { readPage, type Button, type Form, type Page } from './page.js';

const MOST_REDIRECTS = 20;
const TIMEOUT_MS = 15_000;

interface Navigation {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  /** The page whose form was sent; undefined where a person or a program opened the address. */
  readonly from?: Page;
  /** Whether every address so far had the origin, and the site, of `from`. */
  readonly sameOrigin: boolean;
  readonly sameSite: boolean;
}

/**
 * A person's browser without a screen: cookies by RFC 6265bis with SameSite and `__Host-`, redirects, forms, Origin
 * and Sec-Fetch headers, and the page's `form-action`, as Chrome applies them. It runs no script.
 */
export class Browser {
  readonly #jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
  readonly #stopAt: (url: URL) => boolean;
  /** Every address visited, in order. */
  readonly visited: URL[] = [];

  /** `stopAt`: addresses that are not fetched; the navigation ends there with status 0. */
  constructor(stopAt: (url: URL) => boolean = () => false) {
    this.#stopAt = stopAt;
  }

  /** Opens an address as if typed, or handed over by a program. */
  open(url: string | URL): Promise<Page> {
    return this.#navigate({ url: new URL(url), method: 'GET', sameOrigin: true, sameSite: true });
  }

  /** Follows a link of a page. */
  follow(from: Page, url: string | URL): Promise<Page> {
    return this.#navigate({
      url: new URL(url, from.url),
      method: 'GET',
      from,
      ...relation(from, new URL(url, from.url)),
    });
  }

  /** Presses a button of a page's form. */
  press(from: Page, form: Form, button: Button): Promise<Page> {
    const fields = new URLSearchParams();
    for (const [name, value] of form.fields) fields.append(name, value);
    if (button.name !== '') fields.append(button.name, button.value);
    const url = new URL(form.action);
    if (form.method === 'GET') url.search = fields.toString();
    const body = form.method === 'POST' ? { body: fields.toString() } : {};
    return this.#navigate({ url, method: form.method, from, ...body, ...relation(from, url) });
  }

  /** Sends JSON to the page's own origin, as a script of the page does; resolves to the status. */
  async sendJson(from: Page, method: 'POST' | 'PUT' | 'DELETE', path: string, body: object): Promise<number> {
    const url = new URL(path, from.url);
    const context = { sameSiteContext: 'strict' } as const;
    const response = await request(url, {
      method,
      headers: { 'content-type': 'application/json', cookie: await this.#jar.getCookieString(url.href, context) },
      body: JSON.stringify(body),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    for (const cookie of [response.headers['set-cookie'] ?? []].flat()) {
      await this.#jar.setCookie(cookie, url.href, { ...context, ignoreError: true });
    }
    await response.body.dump();
    return response.statusCode;
  }

  /** The value of a cookie that would go to an address that is typed. */
  async cookie(url: string, name: string): Promise<string | undefined> {
    const cookies = await this.#jar.getCookies(url);
    return cookies.find(({ key }) => key === name)?.value;
  }

  async #navigate(start: Navigation): Promise<Page> {
    let step = start;
    for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
      refuseForbidden(step, start);
      this.visited.push(step.url);
      if (this.#stopAt(step.url)) return readPage(step.url, 0, {}, '');
      const response = await this.#send(step);
      const location = response.headers['location'];
      if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
        return readPage(step.url, response.statusCode, response.headers, await response.body.text());
      }
      await response.body.dump();
      step = redirected(step, new URL(location, step.url), response.statusCode);
    }
    throw new Error(`Too many redirects, the last to ${step.url.origin}${step.url.pathname}.`);
  }

  async #send(step: Navigation) {
    const context = { sameSiteContext: sameSiteContext(step) };
    const cookies = await this.#jar.getCookieString(step.url.href, context);
    const response = await request(step.url, {
      method: step.method,
      headers: { ...browserHeaders(step), ...(cookies === '' ? {} : { cookie: cookies }) },
      body: step.body ?? null,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    for (const cookie of [response.headers['set-cookie'] ?? []].flat()) {
      // A browser drops a cookie that it may not keep, without a word.
      await this.#jar.setCookie(cookie, step.url.href, { ...context, ignoreError: true });
    }
    return response;
  }
}

function relation(from: Page, to: URL): Pick<Navigation, 'sameOrigin' | 'sameSite'> {
  return { sameOrigin: from.url.origin === to.origin, sameSite: from.url.hostname === to.hostname };
}

function redirected(step: Navigation, url: URL, status: number): Navigation {
  const { body, ...rest } = step;
  const keepsMethod = status === 307 || status === 308;
  const related = step.from ? relation(step.from, url) : { sameOrigin: true, sameSite: true };
  return {
    ...rest,
    url,
    method: keepsMethod ? step.method : 'GET',
    ...(keepsMethod && body !== undefined ? { body } : {}),
    sameOrigin: step.sameOrigin && related.sameOrigin,
    sameSite: step.sameSite && related.sameSite,
  };
}

/** RFC 6265bis §5.2: what another site started gets no Strict cookies, and Lax ones only with a safe method. */
function sameSiteContext(step: Navigation): 'strict' | 'lax' | 'none' {
  if (!step.from || step.from.url.hostname === step.url.hostname) return 'strict';
  return step.method === 'GET' ? 'lax' : 'none';
}

function browserHeaders(step: Navigation): Record<string, string> {
  const site = step.sameOrigin ? 'same-origin' : step.sameSite ? 'same-site' : 'cross-site';
  return {
    accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
    'accept-language': 'en',
    'sec-fetch-dest': 'document',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-site': step.from ? site : 'none',
    'sec-fetch-user': '?1',
    'user-agent': 'Mozilla/5.0 (mcp-sso demo walk)',
    ...(step.method === 'POST'
      ? {
          'content-type': 'application/x-www-form-urlencoded',
          ...(step.from ? { origin: origin(step, step.from) } : {}),
        }
      : {}),
  };
}

/** Fetch standard, "append a request Origin header": a page with `no-referrer` sends `null`, even to itself. */
function origin(step: Navigation, from: Page): string {
  const policy = String(from.headers['referrer-policy'] ?? 'strict-origin-when-cross-origin');
  if (policy.includes('no-referrer') && !policy.includes('when-downgrade')) return 'null';
  if (policy === 'same-origin' && !step.sameOrigin) return 'null';
  return from.url.origin;
}

function refuseForbidden(step: Navigation, start: Navigation): void {
  if (!start.from || start.body === undefined) return;
  const policies = [start.from.headers['content-security-policy'] ?? []].flat();
  if (mayBeSentTo(policies, start.from.url, step.url)) return;
  throw new Error(
    `The page ${start.from.url.pathname} forbids its form to reach ${step.url.origin} (form-action in its Content-Security-Policy).`,
  );
}
