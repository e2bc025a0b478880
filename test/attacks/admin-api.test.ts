import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditPageSchema } from '#shared/api/audit.js';
import { sessionPageSchema } from '#shared/api/sessions.js';
import {
  apiRoutes,
  appointRoles,
  ask,
  bobAs,
  EVERY_SCOPE,
  idsOf,
  ROLES,
  signInToAdminister,
  type ApiRoute,
  type Role,
} from '../support/admin.js';
import { everyRoute } from './admin-routes.js';
import { challenges, invalidToken, NOTHING } from '../support/challenge.js';
import { ageSignIns } from '../support/database.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const roles = new Map<Role, SignedIn>();
let origin: string;
let alice: SignedIn;
let carol: SignedIn;
let routes: ApiRoute[];

const holder = (role: Role): SignedIn => roles.get(role)!;
const status = async (by: SignedIn, { method, path }: Pick<ApiRoute, 'method' | 'path'>) =>
  (await ask(stack(), by, method, path)).status;

beforeAll(async () => {
  await appointRoles(stack());
  origin = stack().addresses.publicUrl;
  alice = await signIn(stack(), 'alice');
  carol = await signInToAdminister(stack(), 'carol');
  for (const role of ROLES) roles.set(role, await bobAs(stack(), role));
  routes = await apiRoutes(stack(), holder('owner'), idsOf(alice));
});

async function aliceIsStillIn(): Promise<void> {
  expect((await sendMcp(`${origin}/mcp`, await credentials(alice, 'POST', `${origin}/mcp`))).status).toBe(200);
}

describe('every route of the admin API', () => {
  it('is walked here', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      everyRoute(idsOf(alice)).toSorted(),
    );
  });

  it('refuses a token for /mcp, however it is shown', async () => {
    const about = invalidToken('The access token was made for another resource.');
    for (const { method, path, scope } of routes) {
      const answer = await ask(stack(), alice, method, path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.challenges).toEqual(challenges(stack(), '/api', scope, about));
      const bearer = await send(origin + path, { method, headers: { authorization: `Bearer ${alice.accessToken}` } });
      expect([path, bearer.status]).toEqual([path, 401]);
    }
    await aliceIsStillIn();
  });

  it('takes no cookie for a credential', async () => {
    const { accessToken } = holder('owner');
    for (const { method, path, scope } of routes) {
      const cookie = `access_token=${accessToken}; __Host-session=${accessToken}; authorization=DPoP ${accessToken}`;
      const answer = await send(origin + path, { method, headers: { cookie } });
      expect([path, answer.status, answer.headers['set-cookie']]).toEqual([path, 401, undefined]);
      expect(answer.challenges).toEqual(challenges(stack(), '/api', scope, NOTHING));
    }
  });

  it('refuses what comes from a page of another site, even with a good token, and allows no other origin', async () => {
    for (const { method, path } of routes) {
      for (const foreign of [
        'https://evil.example',
        'null',
        `${origin}.evil.example`,
        origin.replace('http:', 'https:'),
      ]) {
        const answer = await ask(stack(), holder('owner'), method, path, { origin: foreign });
        expect([path, foreign, answer.status, JSON.parse(answer.text)]).toMatchObject([
          path,
          foreign,
          403,
          { code: 'origin_refused' },
        ]);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    const own = await ask(stack(), holder('owner'), 'GET', '/api/v1/sessions', { origin });
    expect(own.status).toBe(200);
    await aliceIsStillIn();
  });

  it('is no target for a form of another site', async () => {
    for (const { path } of routes) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' };
      const answer = await send(origin + path, { method: 'POST', headers, body: '_method=DELETE' });
      const posted = routes.some((route) => route.path === path && route.method === 'POST');
      expect([path, answer.status]).toEqual([path, posted ? 403 : 404]);
    }
    await aliceIsStillIn();
  });

  it('refuses a token that lacks its scope, and names it', async () => {
    await stack().changePerson('bob', { groups: ['owner', 'auditor'] });
    const lacking = new Map<string, SignedIn>();
    for (const scope of new Set(routes.map((route) => route.scope))) {
      const others = EVERY_SCOPE.split(' ').filter((one) => one !== scope);
      lacking.set(scope, await signInToAdminister(stack(), 'bob', { scope: others.join(' ') }));
    }
    for (const { method, path, scope } of routes) {
      const answer = await ask(stack(), lacking.get(scope)!, method, path);
      const about = `error="insufficient_scope", error_description="The token lacks the scope that this needs.", `;
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.challenges).toEqual(challenges(stack(), '/api', scope, { bearer: about, dpop: about }));
    }
    await aliceIsStillIn();
  });
});

describe('a role', () => {
  const SUPPORT: readonly Role[] = ['owner', 'admin', 'helpdesk'];
  const AUDIT: readonly Role[] = ['owner', 'auditor'];
  const CATALOG: readonly Role[] = ['owner', 'admin', 'author'];
  const GRANTS: readonly Role[] = ['owner', 'approver', 'auditor'];
  const RUN: readonly Role[] = ['owner', 'admin'];

  it.each([
    ['/api/v1/audit', AUDIT],
    ['/api/v1/audit/log', AUDIT],
    ['/api/v1/audit/checkpoint', [...AUDIT, 'admin']],
    ['/api/v1/audit/consistency?from=0', [...AUDIT, 'admin']],
    ['/api/v1/audit/reports/access', [...AUDIT, 'admin']],
    ['/api/v1/audit/reports/denials', [...AUDIT, 'admin']],
    ['/api/v1/sessions', SUPPORT],
    ['/api/v1/users', SUPPORT],
    ['/api/v1/connections', SUPPORT],
    ['/api/v1/catalog', CATALOG],
    ['/api/v1/catalog/revisions/1', CATALOG],
    ['/api/v1/grants', GRANTS],
    ['/api/v1/grants/requests', GRANTS],
    ['/api/v1/exports', [...AUDIT, 'admin']],
    ['/api/v1/holds', AUDIT],
    ['/api/v1/holds?state=all', AUDIT],
    ['/api/v1/servers', RUN],
    ['/api/v1/servers/files/stderr', RUN],
  ] as const)('reads %s where it may, and nowhere above it', async (path, allowed) => {
    for (const role of ROLES) {
      const answer = await ask(stack(), holder(role), 'GET', path);
      const { code } = JSON.parse(answer.text) as { code?: string };
      const expected = allowed.includes(role) ? [200, undefined] : [403, 'role_missing'];
      expect([role, answer.status, code]).toEqual([role, ...expected]);
    }
    expect((await ask(stack(), carol, 'GET', path)).status).toBe(403);
  });

  it('that does not end sessions can’t end one, nor learn whether it exists', async () => {
    const { session, person } = idsOf(alice);
    for (const by of [carol, ...(['author', 'approver', 'auditor'] as const).map(holder)]) {
      for (const [method, real, unknown] of [
        ['GET', `/api/v1/sessions/${session}`, '/api/v1/sessions/never-was'],
        ['DELETE', `/api/v1/sessions/${session}`, '/api/v1/sessions/never-was'],
        ['DELETE', `/api/v1/users/${person}/sessions`, `/api/v1/users/usr_${'0'.repeat(32)}/sessions`],
      ] as const) {
        const answer = await ask(stack(), by, method, real);
        expect([real, answer.status]).toEqual([real, 404]);
        expect(answer.text).toBe((await ask(stack(), by, method, unknown)).text);
      }
    }
    await aliceIsStillIn();
  });

  it('of owner does not open payloads, of auditor does', async () => {
    const url = `${origin}/mcp`;
    await sendMcp(url, await credentials(alice, 'POST', url), 'tools/call', { name: 'crm__whoami', arguments: {} });
    const query = '/api/v1/audit?user=alice&type=tool.call';
    const payloads: unknown[] = [];
    for (const role of AUDIT) {
      const [entry] = auditPageSchema.parse(JSON.parse((await ask(stack(), holder(role), 'GET', query)).text)).entries;
      payloads.push([role, entry?.target, entry?.payload, entry?.address, entry?.reason]);
    }
    expect(payloads).toEqual([
      ['owner', 'whoami', 'withheld', null, null],
      ['auditor', 'whoami', 'shown', '127.0.0.1', 'Engineering reads and writes customers.'],
    ]);
  });

  it('comes from a group of a named provider, not from a group that is called like one', async () => {
    await stack().changePerson('bob', { groups: ['demo/owner', 'other/owner', 'Owner'] });
    const by = await signInToAdminister(stack(), 'bob');
    expect((await ask(stack(), by, 'GET', '/api/v1/users')).status).toBe(403);
  });
});

describe('a person without a role', () => {
  it('sees their own sessions and records, and can’t widen that', async () => {
    const own = await ask(stack(), carol, 'GET', '/api/v1/sessions?user=me');
    const { sessions } = sessionPageSchema.parse(JSON.parse(own.text));
    expect(sessions.map(({ person }) => person.id)).toEqual([idsOf(carol).person]);
    const records = await ask(stack(), carol, 'GET', '/api/v1/audit?user=me');
    const { entries } = auditPageSchema.parse(JSON.parse(records.text));
    expect(new Set(entries.map(({ person }) => person?.id))).toEqual(new Set([idsOf(carol).person]));
    for (const query of [
      `user=${idsOf(alice).person}`,
      'user=alice',
      '',
      'user=ME',
      'user=me&user=alice',
      'user=%20me',
    ]) {
      for (const path of ['/api/v1/sessions', '/api/v1/audit', '/api/v1/connections']) {
        const answer = await ask(stack(), carol, 'GET', `${path}?${query}`);
        expect([path, query, [400, 403].includes(answer.status)]).toEqual([path, query, true]);
      }
    }
  });

  it('reads no record of another by its id', async () => {
    const all = await ask(stack(), holder('auditor'), 'GET', '/api/v1/audit?user=alice');
    const [entry] = auditPageSchema.parse(JSON.parse(all.text)).entries;
    const answer = await ask(stack(), carol, 'GET', `/api/v1/audit?user=me&id=${entry?.id}`);
    expect(JSON.parse(answer.text)).toEqual({ entries: [], nextCursor: null });
    expect((await ask(stack(), carol, 'GET', `/api/v1/audit/${entry?.id}`)).status).toBe(404);
  });
});

describe('an old sign-in', () => {
  const about =
    'error="insufficient_user_authentication", ' +
    'error_description="Changes need a sign-in from the last 10 minutes. Sign in again.", max_age="600", ';

  it('is refused by every write, and told how old one may be; reading goes on', async () => {
    await stack().changePerson('bob', { groups: ['owner'] });
    const unproven = await signInToAdminister(stack(), 'bob', { fresh: false });
    await stack().stopControlPlane();
    ageSignIns(stack(), 601);
    await stack().startControlPlane();
    const writes = routes.filter(({ changes }) => changes);
    expect(writes).toHaveLength(20);
    const ended = writes.filter(({ method, path }) => method === 'DELETE' && !path.startsWith('/api/v1/policies'));
    for (const [by, theirs] of [
      [unproven, writes],
      [holder('owner'), writes],
      [holder('helpdesk'), ended],
    ] as const) {
      for (const route of theirs) {
        const answer = await ask(stack(), by, route.method, route.path);
        expect([route.path, answer.status, JSON.parse(answer.text)]).toMatchObject([
          route.path,
          401,
          { code: 'sign_in_stale' },
        ]);
        expect(answer.challenges).toEqual(
          challenges(stack(), '/api', `openid ${route.scope}`, { bearer: about, dpop: about }),
        );
      }
      expect(await status(by, { method: 'GET', path: '/api/v1/sessions' })).toBe(200);
    }
    await aliceIsStillIn();
  });

  it('does not get younger by a refresh', async () => {
    const by = holder('owner');
    const DPoP = oidc.getDPoPHandle(by.configuration, by.keys);
    const tokens = await oidc.refreshTokenGrant(
      by.configuration,
      by.refreshToken,
      { resource: `${origin}/api` },
      { DPoP },
    );
    const refreshed = { ...by, accessToken: tokens.access_token };
    const answer = await ask(stack(), refreshed, 'DELETE', `/api/v1/sessions/${idsOf(alice).session}`);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'sign_in_stale' });
  });
});

describe('a session that was ended', () => {
  it('is refused on its next call, within a second, and its refresh token with it', async () => {
    await stack().changePerson('bob', { groups: ['helpdesk'] });
    const helpdesk = await signInToAdminister(stack(), 'bob');
    await aliceIsStillIn();
    const { status: done, text } = await ask(stack(), helpdesk, 'DELETE', `/api/v1/sessions/${idsOf(alice).session}`);
    const ended = performance.now();
    const answer = await sendMcp(`${origin}/mcp`, await credentials(alice, 'POST', `${origin}/mcp`));
    expect(performance.now() - ended).toBeLessThan(1000);
    expect([done, JSON.parse(text), answer.status]).toEqual([200, { ended: [idsOf(alice).session] }, 401]);
    const DPoP = oidc.getDPoPHandle(alice.configuration, alice.keys);
    await expect(
      oidc.refreshTokenGrant(alice.configuration, alice.refreshToken, { resource: `${origin}/mcp` }, { DPoP }),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
