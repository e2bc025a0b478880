import { PassThrough } from 'node:stream';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { Module, type CanActivate, type DynamicModule, type ExecutionContext } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { auditLogSchema, auditPageSchema } from '#shared/api/audit.js';
import { auditRecordsSchema } from '#shared/api/audit-record.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { AuditService } from '../audit/audit.service.js';
import { TemporaryAudit, type OpenAudit } from '../audit/testing/open-audit.js';
import { intent } from '../audit/testing/records.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { ProblemFilter } from '../http/problem-filter.js';
import { rememberCaller } from '../identity/access/current-caller.decorator.js';
import { ACCESS } from '../identity/access/requires.decorator.js';
import { Logger } from '../observability/logger.js';
import { AuditController } from './audit.controller.js';

/** Lets everyone in as dave, whose groups the request names; that the real guard asks is its own test. */
class DaveIsHere implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const person = {
      id: 'usr_dave',
      provider: 'okta',
      issuer: 'i',
      subject: 'dave',
      email: 'dave@acme.example',
      name: null,
    };
    const times = { authTime: 0, idpCheckedAt: 0, createdAt: 0, expiresAt: 0 };
    const groups = String(request.headers['x-groups']).split(',');
    const session = { id: 'ses_dave', person, clientId: 'mcp-sso-admin', deviceName: null, address: '', groups };
    rememberCaller(
      request,
      {
        session: {
          ...session,
          acr: null,
          amr: [],
          ...times,
          lastUsedAt: 0,
          kind: 'person' as const,
          actors: [],
          idleSeconds: null,
          idpSession: null,
          managedDevice: false,
        },
        scopes: ['audit:read'],
        audience: 'https://mcp.acme.example/api',
        tokenExpiresAt: 0,
      },
      groups.includes('okta/sales') ? 'own' : 'anyone',
    );
    return true;
  }
}

@Module({})
class TestModule {
  static of(temporary: TemporaryAudit, service: AuditService): DynamicModule {
    return {
      module: TestModule,
      controllers: [AuditController],
      providers: [
        { provide: AuditService, useValue: service },
        { provide: ActiveCatalog, useValue: ActiveCatalog.of(temporary.config) },
        { provide: Logger, useValue: new Logger('error', new PassThrough().resume()) },
        { provide: APP_GUARD, useClass: DaveIsHere },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

let temporary: TemporaryAudit;
let audit: OpenAudit;
let app: NestFastifyApplication;
beforeEach(async () => {
  temporary = await TemporaryAudit.create('sqlite');
  audit = await temporary.open();
  app = await NestFactory.create<NestFastifyApplication>(
    TestModule.of(temporary, audit.service),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  await app.init();
});
afterEach(async () => {
  await app.close();
  await audit.storage.onApplicationShutdown();
  await temporary[Symbol.asyncDispose]();
});

async function get(url: string, groups = 'okta/security'): Promise<{ status: number; body: unknown }> {
  const { statusCode, body } = await app.inject({ url, headers: { 'x-groups': groups } });
  return { status: statusCode, body: JSON.parse(body) };
}

test('reading the audit needs its scope and one of two roles; without them it is one’s own', () => {
  const rule = { scope: 'audit:read', roles: ['auditor', 'owner'] };
  const { search, log } = Object.getOwnPropertyDescriptors(AuditController.prototype);
  expect(Reflect.getMetadata(ACCESS, search.value as object)).toEqual({ ...rule, own: true });
  expect(Reflect.getMetadata(ACCESS, log.value as object)).toEqual(rule);
});

test('without a role a person reads their own records, whole, and nobody else’s', async () => {
  await audit.service.write(intent());
  await audit.service.write(intent({ person: 'usr_dave', target: 'own' }));
  const { status, body } = await get('/api/v1/audit?user=me&type=tool.call', 'okta/sales');
  const { entries } = auditPageSchema.parse(body);
  expect([status, entries.map(({ person, target, payload }) => [person?.id, target, payload])]).toEqual([
    200,
    [['usr_dave', 'own', 'shown']],
  ]);
  for (const query of ['', '?user=usr_alice', '?user=alice@acme.example']) {
    expect(await get(`/api/v1/audit${query}`, 'okta/sales')).toMatchObject({
      status: 403,
      body: { code: 'role_missing' },
    });
  }
});

test('an auditor sees payloads, an owner does not, one who is both does', async () => {
  await audit.service.write(intent());
  const reasons: unknown[] = [];
  for (const groups of ['okta/security', 'okta/it-admins', 'okta/it-admins,okta/security']) {
    const { body } = await get('/api/v1/audit?type=tool.call', groups);
    const [entry] = auditPageSchema.parse(body).entries;
    reasons.push([entry?.payload, entry?.reason, entry?.client?.claimedName, entry?.address, entry?.person?.id]);
  }
  expect(reasons).toEqual([
    ['shown', 'Finance may read reports.', 'Claude Desktop', '192.0.2.7', 'usr_alice'],
    ['withheld', null, null, null, 'usr_alice'],
    ['shown', 'Finance may read reports.', 'Claude Desktop', '192.0.2.7', 'usr_alice'],
  ]);
});

test('a person has one search for text under way at a time, and the next one when it has ended', async () => {
  const url = '/api/v1/audit?user=me&text=needle';
  const held = Promise.withResolvers<void>();
  const write = audit.service.write.bind(audit.service);
  const writing = vi.spyOn(audit.service, 'write').mockImplementation(async (record) => {
    await held.promise;
    return write(record);
  });
  const first = get(url, 'okta/sales');
  await vi.waitUntil(() => writing.mock.calls.length === 1);
  expect(await get(url, 'okta/sales')).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  held.resolve();
  expect(await first).toMatchObject({ status: 200 });
  expect(await get('/api/v1/audit?user=me&text=x', 'okta/sales')).toMatchObject({ status: 400 });
  expect(await get(url, 'okta/sales')).toMatchObject({ status: 200 });
  expect(await get('/api/v1/audit?text=needle', 'okta/it-admins')).toMatchObject({ status: 403 });
  expect(await get('/api/v1/audit?text=needle')).toMatchObject({ status: 200 });
});

test('captured arguments and results are for auditors alone, also of one’s own call', async () => {
  const kept = { arguments: '{"note":"between us"}', argumentsHash: 'ab', policyInput: '{}', truncated: true };
  const record = intent({ person: 'usr_dave' }, kept);
  const { id } = await audit.service.write({ ...record, subject: 'usr_dave' });
  const seen: unknown[] = [];
  for (const groups of ['okta/security', 'okta/it-admins', 'okta/sales']) {
    const { status, body } = await get(`/api/v1/audit/${id}`, groups);
    const [shown] = auditRecordsSchema.parse(body).records;
    expect([status, shown?.id, shown?.facts['person'], shown?.type]).toEqual([200, id, 'usr_dave', 'tool.call']);
    seen.push([
      shown?.payload,
      shown?.personal?.['reason'],
      shown?.personal?.['arguments'],
      shown?.personal?.['policyInput'],
    ]);
  }
  expect(seen).toEqual([
    ['shown', 'Finance may read reports.', '{"note":"between us"}', '{}'],
    ['withheld', undefined, undefined, undefined],
    ['shown', 'Finance may read reports.', undefined, undefined],
  ]);
});

test('without a role nobody else’s record is there, and what is no id is refused', async () => {
  const { id } = await audit.service.write(intent());
  expect(await get(`/api/v1/audit/${id}`, 'okta/sales')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await get('/api/v1/audit/not-an-id')).toMatchObject({ status: 400, body: { code: 'params_invalid' } });
});

test('every read is in the audit before it is answered', async () => {
  await get('/api/v1/audit?user=alice&limit=5');
  const { body } = await get('/api/v1/audit/log?from=0');
  const { headers } = auditLogSchema.parse(body);
  expect(headers.map((header) => JSON.parse(header) as object)).toMatchObject([
    { type: 'audit.read', facts: { person: 'usr_dave', session: 'ses_dave', client: 'mcp-sso-admin' } },
    { type: 'audit.read', facts: { person: 'usr_dave' } },
  ]);
});

test('what is refused is in the audit too, and says so', async () => {
  expect(await get('/api/v1/audit?user=usr_alice', 'okta/sales')).toMatchObject({ status: 403 });
  expect(await get('/api/v1/audit/log?payloads=shown', 'okta/it-admins')).toMatchObject({ status: 403 });
  const { body } = await get('/api/v1/audit?type=audit.read&decision=deny');
  expect(auditPageSchema.parse(body).entries.map(({ person, detail }) => [person?.id, detail])).toEqual([
    ['usr_dave', '{"log":{"from":0,"payloads":"shown"}}'],
    ['usr_dave', '{"user":"usr_alice","limit":100}'],
  ]);
});

test('what can not be audited is not answered', async () => {
  await temporary.database.breakWrites('insert', 'audit_records');
  expect(await get('/api/v1/audit')).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
  expect(await get('/api/v1/audit/log')).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
});

test('the log verifies against the checkpoint and key that come with it', async () => {
  for (let index = 0; index < 5; index++) await audit.service.write(intent());
  const { headers, checkpoint, verifierKey } = auditLogSchema.parse((await get('/api/v1/audit/log')).body);
  expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 6 });
  const rest = auditLogSchema.parse((await get('/api/v1/audit/log?from=5')).body);
  expect(rest).toMatchObject({ from: 5, headers: { length: 2 } });
});

test.each([
  ['limit=0', '`limit`'],
  ['limit=1001', '`limit`'],
  ['limit=many', '`limit`'],
  ['since=yesterday', '`since`'],
  ['until=2026-11-20T00:00:00', '`until`'],
  ['decision=maybe', '`decision`'],
  ['user=', '`user`'],
  ['user=a&user=b', '`user`'],
  ['cursor=zzz', '`cursor`'],
  ['colour=red', '`colour`: there is no such parameter'],
])('the bad parameter in ?%s is named', async (query, name) => {
  expect(await get(`/api/v1/audit?${query}`)).toMatchObject({
    status: 400,
    body: { code: 'params_invalid', detail: expect.stringContaining(name) as string },
  });
});

test.each(['-1', '1.5', 'x', '1e400'])('from=%s is refused', async (from) => {
  expect(await get(`/api/v1/audit/log?from=${from}`)).toMatchObject({ status: 400, body: { code: 'params_invalid' } });
});
