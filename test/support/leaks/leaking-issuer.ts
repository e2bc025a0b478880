import { json, ScriptedEndpoint } from '../../../control-plane/credentials/testing/scripted-endpoint.js';
import { asManyAsFit, writtenForms } from './written-forms.js';

/** Of one text of a refusal. */
const MAX_TEXT = 1500;

/** What the token endpoint of a server gives. */
export interface PlantedTokens {
  readonly access: string;
  readonly refresh?: string;
  readonly code?: string;
  /** What it gives for the refresh token. */
  readonly renewed?: PlantedTokens;
}

/**
 * Authorization servers of MCP servers, GitHub, and whoever is told by webhook, all at one address, `/<server>/…`: they refuse
 * the first request and say in all ways what they were sent, and then give what was planted.
 */
export class LeakingIssuer implements AsyncDisposable {
  readonly received = new Set<string>();
  readonly #asked = new Set<string>();
  #endpoint!: ScriptedEndpoint;

  static async start(tokens: ReadonlyMap<string, PlantedTokens>): Promise<LeakingIssuer> {
    const issuer = new LeakingIssuer();
    issuer.#endpoint = await ScriptedEndpoint.start(({ path, headers, body }, response) => {
      const { pathname, searchParams } = new URL(path, issuer.origin);
      const [, server = '', ...rest] = pathname.split('/');
      const sent = sentIn(headers.authorization, body);
      for (const text of sent) issuer.received.add(text);
      const planted = tokens.get(server);
      if (server === 'webhook') return void response.writeHead(500).end(JSON.stringify(headers));
      if (planted === undefined) return json(response, 400, { error: sent.flatMap(writtenForms).join(' ') });
      if (rest[0] === 'authorize') {
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', planted.code ?? '');
        back.searchParams.set('state', searchParams.get('state') ?? '');
        back.searchParams.set('iss', `${issuer.origin}/${server}`);
        return void response.writeHead(302, { location: back.href }).end();
      }
      if (!issuer.#asked.has(server) && planted.code === undefined) return issuer.#refuse(server, sent, response);
      const said = { debug: sent.flatMap(writtenForms) };
      const given = body.includes('grant_type=refresh_token') ? (planted.renewed ?? planted) : planted;
      if (rest[0] === 'app') {
        const expires = new Date(Date.now() + 3_600_000).toISOString();
        return json(response, 201, { token: planted.access, expires_at: expires, ...said });
      }
      return json(response, 200, {
        access_token: given.access,
        ...(given.refresh === undefined ? {} : { refresh_token: given.refresh }),
        token_type: 'Bearer',
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        expires_in: 3600,
        ...said,
      });
    });
    return issuer;
  }

  get origin(): string {
    return this.#endpoint.origin;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]();
  }

  #refuse(server: string, sent: readonly string[], response: Parameters<typeof json>[0]): void {
    this.#asked.add(server);
    const description = asManyAsFit(
      sent.flatMap((text) => [text, Buffer.from(text).toString('hex')]),
      MAX_TEXT,
    );
    const challenge = `Basic error="${asManyAsFit(sent.map(encodeURIComponent), MAX_TEXT)}"`;
    const body = { error: 'invalid_grant', error_description: description, error_uri: description };
    json(response, 400, body, { 'www-authenticate': challenge, 'set-cookie': challenge });
  }
}

/** Each value of a form, the header of the client, and the secret in it. */
function sentIn(authorization: string | undefined, body: string): string[] {
  const form = body.startsWith('{') ? [] : [...new URLSearchParams(body).values()];
  const token = /^\w+ (.+)$/.exec(authorization ?? '')?.[1];
  const pair = token === undefined ? '' : Buffer.from(token, 'base64').toString();
  const password = /^[ -~]+:[ -~]+$/.test(pair) ? pair.slice(pair.indexOf(':') + 1) : '';
  const formDecoded = [...new URLSearchParams(`p=${password}`).values()];
  return [...form, token ?? '', password, ...formDecoded].filter((text) => text.length > 9);
}
