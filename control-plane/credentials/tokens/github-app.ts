import { createPrivateKey } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { z } from 'zod';
import type { CredentialOf } from '../../config/credential-settings.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { IssuedToken } from '../issued-token.js';
import type { SecretReaders } from '../secret-source.js';
import { headerValue } from '../secret-value.js';
import { OF_THE_COMPANY, type Grant } from './kept-tokens.js';
import { TokenRefused } from './token-refused.js';

type GitHubApp = CredentialOf<'github-app'>;

const answerSchema = z.object({
  token: z.string(),
  expires_at: z.iso.datetime(),
  permissions: z.record(z.string(), z.string()).optional(),
});

/** GitHub gives it with every token, whatever was asked for. */
const ALWAYS_GIVEN = 'metadata:read';

/**
 * Installation tokens of a GitHub App ("Create an installation access token for an app",
 * docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app, version 2022-11-28). @octokit/auth-app
 * signs as the app; the request is our own: why is decision 035.
 */
export function gitHubApp(read: SecretReaders, send: GuardedFetch): Grant<GitHubApp> {
  return {
    ...OF_THE_COMPANY,
    ask: async ({ credential }, scopes) => {
      const assertion = await signed(credential, await read.content(credential.privateKey));
      const { host } = new URL(credential.api);
      const answer = await asked(credential, scopes, assertion, send).catch((error: unknown) => {
        throw new TokenRefused(
          `${host} gave no token: ${error instanceof Error ? error.message : 'an unknown failure'}`,
        );
      });
      // GitHub's own text stays out of it: the status says it all.
      if (answer.status !== 201) throw new TokenRefused(`${host} refused: ${answer.status}; ${hint(answer.status)}`);
      return issuedBy(host, await answer.json().catch(() => undefined), assertion);
    },
  };
}

async function signed({ appId }: GitHubApp, key: string): Promise<string> {
  try {
    // Both forms that GitHub and key stores hand out: PKCS #1 and PKCS #8.
    const privateKey = String(createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }));
    const { token } = await createAppAuth({ appId, privateKey })({ type: 'app' });
    return token;
  } catch {
    throw new SecretUnreadable('privateKey holds no RSA key', 'store the file that GitHub gave for the app, as it is');
  }
}

async function asked(
  { api, installationId, repositories }: GitHubApp,
  scopes: readonly string[],
  assertion: string,
  send: GuardedFetch,
): Promise<Response> {
  const permissions = Object.fromEntries(scopes.map((scope) => scope.split(':')));
  return await send(`${api.replace(/\/$/, '')}/app/installations/${installationId}/access_tokens`, {
    method: 'POST',
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${assertion}`,
      'content-type': 'application/json',
      'user-agent': 'mcp-sso',
      'x-github-api-version': '2022-11-28',
    },
    body: JSON.stringify({
      ...(repositories === undefined ? {} : { repositories }),
      ...(scopes.length === 0 ? {} : { permissions }),
    }),
  });
}

function issuedBy(host: string, body: unknown, assertion: string): IssuedToken {
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw new TokenRefused(`${host} gave no token: it answered in another form`);
  const { token, expires_at: expires, permissions } = answer.data;
  const given = Object.entries(permissions ?? {}).map(([name, level]) => `${name}:${level}`);
  return {
    value: headerValue(token),
    expiresAt: Date.parse(expires),
    scopes: given.filter((scope) => scope !== ALWAYS_GIVEN),
    secrets: [token, assertion],
  };
}

/** What each status stands for, as the page above lists them. */
function hint(status: number): string {
  if (status === 401) return 'appId and privateKey do not belong together, or the clock is wrong';
  if (status === 404) return 'the app has no such installation';
  if (status === 422) return 'the installation has not all of these repositories or permissions';
  return 'see GitHub’s status page and the settings of the app';
}
