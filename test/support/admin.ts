import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { CLIENTS, PATHS, SCOPES } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { credentials, send, type HttpAnswer, type HttpRequest } from './http.js';
import { signIn, type SignedIn } from './person.js';

export const ROLES = ['owner', 'admin', 'author', 'approver', 'auditor', 'helpdesk'] as const;
export type Role = (typeof ROLES)[number];

export const EVERY_SCOPE = Object.values(SCOPES)
  .filter((scope) => scope !== SCOPES.mcp)
  .join(' ');

/** Gives each role a group of its name, and starts the control plane with it. */
export async function appointRoles(stack: Stack): Promise<void> {
  const file = join(stack.config, 'mcp-sso.yaml');
  const roles = ROLES.map((role) => `  ${role}: [demo/${role}]\n`).join('');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^roles:\n( .*\n)+/m, `roles:\n${roles}`));
  await stack.startControlPlane();
}

/** Signs in for administration with the groups that the person has at this moment. */
export async function signInToAdminister(
  stack: Stack,
  person: string,
  { scope = EVERY_SCOPE, fresh = true }: { scope?: string; fresh?: boolean } = {},
): Promise<SignedIn> {
  return signIn(stack, person, { client: CLIENTS.admin, resource: PATHS.api, scope, fresh });
}

/** bob, for this one sign-in in the group of a role and no other. */
export async function bobAs(stack: Stack, role: Role): Promise<SignedIn> {
  await stack.changePerson('bob', { groups: [role] });
  return signInToAdminister(stack, 'bob');
}

/** One request of the admin API. */
export async function ask(
  stack: Stack,
  by: SignedIn,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers: NonNullable<HttpRequest['headers']> = {},
): Promise<HttpAnswer> {
  const url = stack.addresses.publicUrl + path;
  return send(url, { method, headers: { ...(await credentials(by, method, url)), ...headers } });
}

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly scope: string;
  /** Whether it needs a recent sign-in, as whatever changes something does. */
  readonly changes: boolean;
}

/** Every route of the admin API, as its own document lists them; `{id}` is filled in. */
export async function apiRoutes(
  stack: Stack,
  by: SignedIn,
  ids: { readonly session: string; readonly person: string },
): Promise<ApiRoute[]> {
  const answer = await ask(stack, by, 'GET', PATHS.openapi);
  const { paths } = JSON.parse(answer.text) as {
    paths: Record<string, Record<string, { 'x-access': { readonly scope: string; readonly maxSignInAge?: number } }>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { 'x-access': access }]) => ({
      method: method.toUpperCase() as ApiRoute['method'],
      path: path.replace('{number}', '1').replace('{id}', idFor(path, ids)),
      scope: access.scope,
      changes: access.maxSignInAge !== undefined,
    })),
  );
}

function idFor(path: string, { session, person }: { readonly session: string; readonly person: string }): string {
  if (path.startsWith(PATHS.servers)) return 'files';
  if (path.startsWith(PATHS.holds)) return `hld_${'0'.repeat(32)}`;
  if (path.startsWith(PATHS.connections)) return `con_${session}`;
  return path.startsWith(PATHS.users) ? person : session;
}

/** Ids that an access token names: its session and its person. */
export function idsOf({ accessToken }: SignedIn): { session: string; person: string } {
  const { sid, sub } = decodeJwt(accessToken);
  return { session: String(sid), person: sub ?? '' };
}
