import { request } from 'undici';
import type { SignedIn } from './person.js';
import { proof } from './proof.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Every `WWW-Authenticate` line. */
  readonly challenges: readonly string[];
  readonly text: string;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

const TIMEOUT_MS = 20_000;

/** One HTTP exchange, nothing followed and nothing retried. */
export async function send(url: string, { method = 'GET', headers = {}, body }: HttpRequest = {}): Promise<HttpAnswer> {
  const response = await request(url, {
    method,
    headers,
    body: body ?? null,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    challenges: [response.headers['www-authenticate'] ?? []].flat(),
    text: await response.body.text(),
  };
}

/** The two headers of a DPoP-protected request. */
export async function credentials(by: SignedIn, method: string, url: string): Promise<Record<string, string>> {
  const target = new URL(url);
  const made = await proof(by.keys, { method, url: target.origin + target.pathname, accessToken: by.accessToken });
  return { authorization: `DPoP ${by.accessToken}`, dpop: made };
}
