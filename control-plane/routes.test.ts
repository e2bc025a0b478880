import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_CONTROLLERS } from './admin/openapi/openapi.controller.js';
import { operationsOf } from './admin/openapi/operations.js';
import { createApp } from './app.js';
import { settingsSchema, type LoadedConfig } from './config/settings.js';
import { ACCESS, needsFreshSignIn, type AccessRule } from './identity/access/requires.decorator.js';

let directory: string;
let app: NestFastifyApplication;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-routes-'));
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    logLevel: 'error',
    identity: {
      providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'abc', clientSecret: 'env:SECRET' } },
    },
    servers: {},
  });
  const config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32, 7), environment: { SECRET: 's' } };
  app = await createApp(config satisfies LoadedConfig);
});

afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

/** Every route that answers, as `METHOD /path`, whoever registered it. */
function registered(): string[] {
  const fastify = app.getHttpAdapter().getInstance();
  const lines = fastify.printRoutes({ commonPrefix: false }).split('\n');
  const parents: string[] = [];
  return lines.flatMap((line) => {
    const match = /^([│├└─ ]*)(\S*) \(([A-Z, ]+)\)$/.exec(line);
    const depth = /^[│├└─ ]*/.exec(line)![0].length / 4;
    const own = match?.[2] ?? line.slice(depth * 4);
    parents.splice(depth - 1, Infinity, own);
    return (match?.[3] ?? '')
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method} ${parents.join('')}`);
  });
}

interface Handler {
  readonly name: string;
  readonly rule: AccessRule | 'public' | undefined;
  readonly routes: readonly string[];
}

function routesOf(controller: object, handler: object): string[] {
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
  const parts = [controller, handler].map((of) => [Reflect.getMetadata(PATH_METADATA, of) as string | string[]].flat());
  return parts[0]!.flatMap((base) =>
    parts[1]!.map(
      (path) =>
        `${method} /${[base, path]
          .flatMap((part) => part.split('/'))
          .filter(Boolean)
          .join('/')}`,
    ),
  );
}

function handlers(): Handler[] {
  return [...app.get(ModulesContainer).values()].flatMap((module) =>
    [...module.controllers.values()].flatMap(({ metatype }) => {
      const controller = metatype as { name: string; prototype: Record<string, unknown> };
      return Object.entries(Object.getOwnPropertyDescriptors(controller.prototype)).flatMap(([name, { value }]) => {
        const handler = value as object;
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
        const rule = (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as AccessRule;
        return [{ name: `${controller.name}.${name}`, rule, routes: routesOf(controller, handler) }];
      });
    }),
  );
}

test('every handler declares who may enter', () => {
  expect(handlers().length).toBeGreaterThan(10);
  expect(handlers().filter(({ rule }) => rule === undefined)).toEqual([]);
});

test('what answers beside the guard is the MCP endpoint, with its own check, and the health of the process', () => {
  const guarded = new Set(handlers().flatMap(({ routes }) => routes));
  const beside = registered().filter((route) => !guarded.has(route));
  expect(new Set(beside.map((route) => route.split(' ')[1]))).toEqual(
    new Set(['/healthz', '/mcp', '/mcp/:server', '/readyz']),
  );
});

test('nothing of the admin API is public, and what is outside of it asks for no token of the API', () => {
  const guarded = handlers().filter(({ rule }) => rule !== 'public');
  expect(guarded.map(({ name }) => name).toSorted()).toEqual([
    'ApprovalsController.decide',
    'ApprovalsController.list',
    'ApprovalsController.show',
    'AuditController.log',
    'AuditController.search',
    'AuditController.show',
    'AuditProofsController.checkpoint',
    'AuditProofsController.consistency',
    'AuditProofsController.receipt',
    'AuditReportsController.access',
    'AuditReportsController.comparison',
    'AuditReportsController.denials',
    'AuditReportsController.exposure',
    'AuditReportsController.review',
    'AuditReportsController.unused',
    'AuditSessionsController.show',
    'CatalogController.activate',
    'CatalogController.propose',
    'CatalogController.read',
    'CatalogController.revision',
    'ConnectionsController.end',
    'ConnectionsController.list',
    'ErasureController.erase',
    'ExportsController.list',
    'GrantRequestsController.ask',
    'GrantRequestsController.give',
    'GrantRequestsController.list',
    'GrantRequestsController.refuse',
    'GrantsController.end',
    'GrantsController.give',
    'GrantsController.list',
    'GrantsController.review',
    'GrantsController.show',
    'GrantsController.takeBreakGlass',
    'HoldsController.create',
    'HoldsController.list',
    'HoldsController.release',
    'MeController.activity',
    'MeController.disown',
    'OpenApiController.describe',
    'PoliciesController.diff',
    'PoliciesController.read',
    'PolicyCandidateController.read',
    'PolicyCandidateController.start',
    'PolicyCandidateController.stop',
    'PolicyChecksController.check',
    'PolicyChecksController.test',
    'PolicyDraftsController.grid',
    'PolicyDraftsController.starterKit',
    'PolicyDraftsController.write',
    'PolicyExplainController.explain',
    'PolicyProblemsController.problems',
    'PolicyReplayController.cancel',
    'PolicyReplayController.read',
    'PolicyReplayController.start',
    'ReviewsController.decide',
    'ReviewsController.effects',
    'ReviewsController.list',
    'ReviewsController.lock',
    'ReviewsController.show',
    'ServersController.list',
    'ServersController.output',
    'SessionsController.end',
    'SessionsController.list',
    'SessionsController.show',
    'UsersController.endSessions',
    'UsersController.list',
  ]);
});

test('every route below /api is in the OpenAPI document, and the other way round', () => {
  const documented = operationsOf(ADMIN_CONTROLLERS).map(
    ({ method, route }) => `${method} ${route.replaceAll(/\{(\w+)\}/g, ':$1')}`,
  );
  const routes = registered();
  expect(routes).toContain('GET /healthz');
  expect(routes.filter((route) => route.includes(' /api')).toSorted()).toEqual(documented.toSorted());
});

test('whatever changes something needs a recent sign-in', () => {
  const writes = operationsOf(ADMIN_CONTROLLERS).filter(({ method }) => method !== 'GET');
  const changing = writes.filter(({ access, method }) => needsFreshSignIn(access, method));
  expect(changing.filter(({ access }) => access.fresh !== true)).toEqual([]);
  const reading = writes.filter((operation) => !changing.includes(operation));
  expect(reading.map(({ method, route }) => `${method} ${route}`).toSorted()).toEqual([
    'DELETE /api/v1/policies/replay/{id}',
    'POST /api/v1/policies/check',
    'POST /api/v1/policies/diff',
    'POST /api/v1/policies/explain',
    'POST /api/v1/policies/grid',
    'POST /api/v1/policies/replay',
    'POST /api/v1/policies/test',
  ]);
  expect(needsFreshSignIn({ scope: 'forgotten' }, 'POST')).toBe(true);
});
