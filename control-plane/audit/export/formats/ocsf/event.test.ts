import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileClass } from '../../../../../test/support/ocsf/compile-schema.js';
import { RECORD_TYPES, type RecordFacts, type RecordPersonal } from '../../../record.js';
import type { ExportedRecord } from '../../exported-record.js';
import { ocsfEvent } from './event.js';

const ID = '0197a2b0-0000-7000-8000-000000000001';
const INTENT = '0197a2b0-0000-7000-8000-000000000000';

const CLASSES: Readonly<Record<number, string>> = {
  3002: 'authentication',
  3004: 'entity_management',
  3005: 'user_access',
  3006: 'group_management',
  6002: 'application_lifecycle',
  6003: 'api_activity',
};

const FACTS: RecordFacts = {
  person: 'usr_alice',
  affected: 'usr_bob',
  session: 'ses_1',
  serverHost: 'finance.acme.example:8443',
  transport: 'streamable-http',
  deviceKey: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  groupsHash: 'd'.repeat(64),
  capturesArguments: 'policy',
  capturesResults: 'none',
  credential: 'finance/oauth',
  credentialOf: 'person',
  credentialVersion: 2,
  client: 'mcp-bridge',
  actors: ['agent-1'],
  server: 'finance',
  target: 'get_report',
  decision: 'allow',
  policies: ['finance-reads'],
  catalogRevision: 7,
  trace: 'a'.repeat(32),
  span: 'b'.repeat(16),
  status: 200,
  durationMs: 42,
};
const PERSONAL: RecordPersonal = {
  issuer: 'https://acme.okta.com',
  subject: '00u1alice',
  idpSession: 'idp-session-7',
  port: 51_023,
  claimedBridge: { version: '1.2.3', system: 'darwin arm64' },
  email: 'alice@acme.example',
  name: 'Alice Example',
  claimedClient: { name: 'Claude Desktop', version: '1.2.3' },
  address: '2001:db8::7',
  device: 'Alice’s laptop',
  reason: 'Finance may read reports.',
  groups: ['okta/finance'],
  userAgent: 'mcp-sso-bridge/1.0',
  requestId: '17',
  arguments: '{"quarter":"Q3"}',
  result: '{"content":[]}',
  policyInput: '{"v":1,"target":{"kind":"tool","name":"get_report","effect":"destroy","labels":[],"reviewed":true}}',
  agent: { host: 'claude-code', depth: 1 },
};

function record(header: Partial<ExportedRecord['header']>, personal: RecordPersonal = {}): ExportedRecord {
  const base = { v: 1, id: ID, ts: 1_800_000_000_000, type: 'tool.call', phase: 'event', facts: {} } as const;
  return { idx: 41, header: { ...base, payload: 'c'.repeat(64), ...header }, personal, payload: 'shown' };
}

interface Event {
  readonly class_uid: number;
  readonly metadata: { readonly profiles?: readonly string[] };
}

let validators: ReadonlyMap<string, ValidateFunction>;

beforeAll(async () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
  const profiles = [[], ['ai_operation'], ['trace'], ['ai_operation', 'trace']];
  const all = Object.entries(CLASSES).flatMap(([uid, name]) =>
    (name === 'api_activity' ? profiles : [[]]).map((chosen) => [[uid, ...chosen].join(' '), name, chosen] as const),
  );
  validators = new Map(
    await Promise.all(
      all.map(async ([key, name, chosen]) => [key, ajv.compile(await compileClass(name, chosen))] as const),
    ),
  );
});

function faults(event: object): unknown {
  const { class_uid: uid, metadata } = event as Event;
  const validate = validators.get([String(uid), ...(metadata.profiles ?? [])].join(' '))!;
  return validate(event) ? [] : validate.errors;
}

describe('the published schema of OCSF 1.8.0', () => {
  test.each([...RECORD_TYPES, 'a.type-of-tomorrow'])(
    'takes %s, with all that a record can hold and with nothing',
    (type) => {
      for (const phase of ['event', 'intent', 'outcome'] as const) {
        expect(faults(ocsfEvent(record({ type, phase, facts: { ...FACTS } }, PERSONAL)))).toEqual([]);
        expect(faults(ocsfEvent(record({ type, phase })))).toEqual([]);
      }
    },
  );

  test.each(['ok', 'tool_error', 'error', 'cancelled', 'unknown'] as const)('takes the outcome %s', (outcome) => {
    expect(faults(ocsfEvent(record({ phase: 'outcome', ref: INTENT, facts: { outcome, code: 'x' } })))).toEqual([]);
  });

  test('refuses what it does not know, what is missing, and what is of another type', () => {
    const event = ocsfEvent(record({ facts: { ...FACTS } }, PERSONAL)) as Record<string, unknown>;
    expect(faults({ ...event, verdict: 'fine' })).toMatchObject([{ params: { additionalProperty: 'verdict' } }]);
    expect(faults({ ...event, api: {} })).toMatchObject([{ params: { missingProperty: 'operation' } }]);
    expect(faults({ ...event, time: 'noon' })).toMatchObject([{ instancePath: '/time' }]);
    expect(faults({ ...event, severity_id: 42 })).toMatchObject([{ instancePath: '/severity_id' }]);
    expect(faults({ ...event, type_uid: 600_301 })).not.toEqual([]);
  });
});

test('a call that was allowed', () => {
  const facts = {
    person: 'usr_alice',
    session: 'ses_1',
    client: 'mcp-bridge',
    server: 'finance',
    target: 'get_report',
  };
  const personal: RecordPersonal = { email: 'alice@acme.example', address: '192.0.2.7', groups: ['okta/finance'] };
  const allowed = { ...facts, decision: 'allow', policies: ['finance-reads'], credential: 'finance' };
  expect(ocsfEvent(record({ phase: 'intent', facts: allowed }, personal))).toEqual({
    activity_id: 99,
    activity_name: 'tool.call',
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    type_uid: 600_399,
    type_name: 'API Activity: Other',
    time: 1_800_000_000_000,
    status_id: 99,
    status: 'Allowed',
    severity_id: 1,
    severity: 'Informational',
    metadata: {
      version: '1.8.0',
      uid: ID,
      correlation_uid: ID,
      sequence: 41,
      event_code: 'tool.call',
      log_name: 'audit',
      product: { name: 'mcp-sso', vendor_name: 'mcp-sso' },
      profiles: ['ai_operation'],
    },
    actor: {
      user: {
        uid: 'usr_alice',
        name: 'alice@acme.example',
        email_addr: 'alice@acme.example',
        groups: [{ name: 'okta/finance' }],
      },
      session: { uid: 'ses_1' },
      app_uid: 'mcp-bridge',
      authorizations: [{ policy: { uid: 'finance-reads' }, decision: 'allow' }],
    },
    src_endpoint: { ip: '192.0.2.7' },
    api: {
      operation: 'get_report',
      group: { name: 'tool.call' },
      service: { uid: 'finance', name: 'finance' },
      request: { uid: ID },
    },
    message_context: { ai_role_id: 3, ai_role: 'Tool', service: { name: 'finance' } },
    unmapped: {
      phase: 'intent',
      payload: 'shown',
      leafHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      facts: { server: 'finance', target: 'get_report', decision: 'allow', credential: 'finance' },
      personal: {},
    },
  });
});

test.each([
  ['read', 2, 'Read'],
  ['write', 3, 'Update'],
  ['destroy', 4, 'Delete'],
])('a tool that is there to %s has activity %i', (effect, id, name) => {
  const policyInput = `{"v":1,"target":{"kind":"tool","name":"t","effect":"${effect}","labels":[],"reviewed":true}}`;
  expect(ocsfEvent(record({}, { policyInput }))).toMatchObject({ activity_id: id, activity_name: name });
});

test('who, from where and to where have their places', () => {
  expect(ocsfEvent(record({ facts: { ...FACTS } }, PERSONAL))).toMatchObject({
    actor: {
      user: { uid: 'usr_alice', uid_alt: '00u1alice' },
      session: { uid: 'ses_1', issuer: 'https://acme.okta.com', uid_alt: 'idp-session-7' },
    },
    src_endpoint: { ip: '2001:db8::7', port: 51_023, uid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' },
    dst_endpoint: { hostname: 'finance.acme.example', port: 8443 },
  });
});

test('a target that a client spelled is the operation; where it was erased, its hash', () => {
  const facts = { target: `hmac:${'e'.repeat(64)}` };
  const uri = 'file:///home/alice/notes.txt';
  expect(ocsfEvent(record({ type: 'resource.read', facts }, { target: uri }))).toMatchObject({
    api: { operation: uri },
  });
  expect(ocsfEvent(record({ type: 'resource.read', facts }))).toMatchObject({ api: { operation: facts.target } });
});

test('an outcome names its intent, how long it took and how it went', () => {
  const facts = { outcome: 'tool_error', durationMs: 42 };
  expect(ocsfEvent(record({ phase: 'outcome', ref: INTENT, facts }))).toMatchObject({
    metadata: { uid: ID, correlation_uid: INTENT },
    status: 'Failure',
    status_code: 'tool_error',
    duration: 42,
    start_time: 1_799_999_999_958,
    end_time: 1_800_000_000_000,
  });
});

test('a denial is a failure that says why', () => {
  const facts = { decision: 'deny', code: 'denied_by_policy' };
  expect(ocsfEvent(record({ phase: 'event', facts }, { reason: 'Nobody may.' }))).toMatchObject({
    status: 'Failure',
    status_code: 'denied_by_policy',
    status_detail: 'Nobody may.',
    severity: 'Low',
  });
});

test('a grant is of the person who got it, by the person who gave it', () => {
  const facts = { person: 'usr_admin', affected: 'usr_bob', server: 'crm', target: 'delete_customer', grant: 'g1' };
  expect(ocsfEvent(record({ type: 'grant.give', facts }, { email: 'admin@acme.example' }))).toMatchObject({
    class_uid: 3005,
    activity_name: 'Assign Privileges',
    actor: { user: { uid: 'usr_admin' } },
    user: { uid: 'usr_bob' },
    privileges: ['crm/delete_customer'],
  });
});

test.each(['auth.break-glass', 'session.disown'])('%s is of high severity, however it ended', (type) => {
  for (const outcome of ['ok', 'error'] as const) {
    const event = ocsfEvent(record({ type, phase: 'outcome', ref: INTENT, facts: { outcome } }));
    expect(event).toMatchObject({ severity_id: 4, severity: 'High' });
  }
});
