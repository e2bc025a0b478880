import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { HttpReply } from '../../system/http.js';
import type { ShownCertificate } from '../network/certificate.js';
import { judgeClock } from './clock.js';
import { judgeAnswers } from './control-plane.js';
import { judgeFailure, judgeServer } from './servers.js';
import { judgeSession } from './session.js';
import { judgeCertificate } from './tls.js';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test.each<[string | undefined, string]>([
  ['Tue, 24 Nov 2026 10:00:59 GMT', 'It agrees with that of the control plane.'],
  ['Tue, 24 Nov 2026 10:02:00 GMT', 'The clock of this computer is 120 seconds behind that of the control plane.'],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 'The clock of this computer is 3600 seconds ahead of that of the control plane.'],
  ['yesterday', 'What answers does not tell the time.'],
  [undefined, 'What answers does not tell the time.'],
])('a Date header of %s: %s', (date, detail) => {
  expect(judgeClock(date, NOW).found[0]?.detail).toBe(detail);
});

const GOOD: ShownCertificate = {
  validFrom: NOW - DAY,
  validTo: NOW + 90 * DAY,
  issuer: 'Acme CA',
  names: 'mcp.acme.example',
  refusal: undefined,
  named: true,
  root: 'Acme Root',
  privateRoot: true,
};

test.each<[string, Partial<ShownCertificate>, number, string]>([
  [
    'good',
    {},
    0,
    'Its certificate is good until 2027-02-22; it leads to Acme Root, an authority that only this computer’s own list has.',
  ],
  [
    'expired',
    { validTo: NOW - DAY, refusal: 'CERT_HAS_EXPIRED' },
    0,
    'The certificate of h expired on 2026-11-23; Acme CA issued it.',
  ],
  ['early', { validFrom: NOW + DAY }, 0, 'The certificate of h is good from 2026-11-25 on only; Acme CA issued it.'],
  [
    'expired by a wrong clock',
    { validFrom: NOW - 10 * DAY, validTo: NOW - DAY },
    -2 * DAY + MINUTE,
    'The certificate of h is good, but not at the time that the clock of this computer shows.',
  ],
  ['of another name', { named: false }, 0, 'The certificate that h shows is for mcp.acme.example; Acme CA issued it.'],
  [
    'untrusted',
    { refusal: 'SELF_SIGNED_CERT_IN_CHAIN' },
    0,
    'This computer does not trust the certificate of h, issued by Acme CA (SELF_SIGNED_CERT_IN_CHAIN).',
  ],
  ['soon to expire', { validTo: NOW + 13 * DAY }, 0, 'The certificate of h expires on 2026-12-07; Acme CA issued it.'],
])('a certificate that is %s', (_name, parts, offset, detail) => {
  expect(judgeCertificate({ ...GOOD, ...parts }, 'h', NOW, offset).detail).toBe(detail);
});

const ORIGIN = new URL('https://mcp.acme.example');
const json = (status: number, body: object): HttpReply => ({ status, headers: {}, body: JSON.stringify(body) });
const ALIVE = json(200, { alive: true });
const READY = json(200, { ready: true, reason: 'Ready.' });
const METADATA = json(200, { issuer: 'https://mcp.acme.example' });
const PAGE: HttpReply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Welcome to the train</h1>',
};

test.each<[string, HttpReply, HttpReply, HttpReply, string]>([
  ['all is well', ALIVE, READY, METADATA, 'ok'],
  ['a page of a captive portal', PAGE, PAGE, PAGE, 'answered_by_another'],
  ['a redirect of a captive portal', { ...PAGE, status: 302 }, PAGE, PAGE, 'answered_by_another'],
  ['a demand for a sign-in to the network', { ...PAGE, status: 511 }, PAGE, PAGE, 'answered_by_another'],
  ['another server', json(404, {}), json(404, {}), json(404, {}), 'not_a_control_plane'],
  ['a proxy without its server', json(502, {}), json(502, {}), json(502, {}), 'control_plane_failing'],
  [
    'a control plane that is not ready',
    ALIVE,
    json(503, { reason: 'The control plane is starting.' }),
    METADATA,
    'not_ready',
  ],
  ['a control plane of another address', ALIVE, READY, json(200, { issuer: 'https://x.example' }), 'other_address'],
  ['no metadata', ALIVE, READY, json(404, {}), 'not_a_control_plane'],
])('%s', (_name, alive, ready, metadata, fault) => {
  const found = judgeAnswers(ORIGIN, alive, ready, metadata);
  expect(found.fault ?? found.state).toBe(fault);
});

const SAVED = {
  account: { person: 'usr_1', name: 'Alice', email: 'alice@acme.example' },
  dpopKey: { kty: 'EC', crv: 'P-256', x: '', y: '', d: '' },
  refreshToken: 'r',
  accessToken: 'a',
  issuedAt: NOW,
  expiresAt: NOW + MINUTE,
} as const;

test('a live session says who it is of, but not in the report', () => {
  const found = judgeSession({ session: 'live' }, SAVED, ORIGIN.origin);
  expect(found.detail).toContain('You are signed in as Alice (alice@acme.example).');
  expect(found.mailable).toMatch(/^You are signed in\. It was renewed/);
  const breakGlass = judgeSession({ session: 'live' }, { ...SAVED, refreshToken: '' }, ORIGIN.origin);
  expect(breakGlass.mailable).toBe('You are signed in. It ends at 2026-11-24T10:01:00.000Z and cannot be renewed.');
});

test.each([
  ['ended', new CodedError('sign_in_needed'), 'session_ended', 'sign_in_needed'],
  ['unknown', new CodedError('network'), 'session_unconfirmed', 'network'],
  ['unknown', new CodedError('credential_store'), 'session_unreadable', 'credential_store'],
] as const)('a session that is %s', (session, failure, fault, code) => {
  expect(judgeSession({ session, failure }, SAVED, ORIGIN.origin)).toMatchObject({ state: 'failed', fault, code });
});

test('servers: what each waits for', () => {
  const asked = { tools: 3, milliseconds: 20 };
  const server = { id: 'crm', reachable: true };
  expect(judgeServer(server, asked).map(({ detail }) => detail)).toEqual(['crm lists 3 tools, after 20 ms.']);
  const waiting = { ...server, connect: 'https://mcp.acme.example/connect', cutBy: 'limits.listItems', waiting: 2 };
  expect(judgeServer(waiting, { tools: 0, milliseconds: 3_000 }).map(({ fault }) => fault)).toEqual([
    'connection_wanted',
    'tools_waiting',
    'list_cut',
    'server_slow',
  ]);
  expect(judgeFailure('crm', new CodedError('upstream_unreachable')).fault).toBe('server_silent');
  expect(judgeFailure('crm', new CodedError('connection_refused')).fault).toBe('connection_wanted');
  expect(judgeFailure('crm', new CodedError('upstream_refused'))).toMatchObject({
    fault: 'server_failing',
    state: 'failed',
  });
});
