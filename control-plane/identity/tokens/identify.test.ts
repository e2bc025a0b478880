import { createHash, createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { Credentials, Session } from '../caller.js';
import { IdentityService } from '../identity.service.js';
import type { StepUpHandles } from '../step-up-handles.js';
import { keySetOf } from '../signing-keys/key-set.js';
import type { SigningKeys } from '../signing-keys/signing-keys.service.js';
import type { SigningJwk } from '../signing-keys/stored-keys.js';
import { OwnProofs } from './own-proofs.js';
import type { IdpGrace } from '../sessions/idp-grace.js';
import type { IdpRecheck } from '../sessions/idp-recheck.service.js';
import type { LastUse } from '../sessions/last-use.js';
import type { SessionsUnderWay } from '../sessions/sessions-under-way.js';
import type { SessionsService } from '../sessions/sessions.service.js';
import type { LoadedConfig } from '../../config/settings.js';

const ISSUER = 'https://mcp.corp.test';
const URL_ = `${ISSUER}/mcp`;
const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const device = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingJwk = { ...server.privateKey.export({ format: 'jwk' }), kid: 'k1' } as SigningJwk;

type Json = Record<string, unknown>;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

function jws(header: Json, payload: Json, key: KeyObject): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function publicJwk(key: KeyObject): Json {
  const { kty, crv, x, y } = key.export({ format: 'jwk' });
  return { kty, crv, x, y };
}

function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function claims(changes: Json = {}): Json {
  return {
    iss: ISSUER,
    aud: URL_,
    sub: 'usr_1',
    client_id: 'mcp-bridge',
    scope: 'mcp',
    sid: 'live',
    jti: randomUUID(),
    iat: seconds(),
    exp: seconds() + 300,
    cnf: { jkt: thumbprint(device.publicKey) },
    ...changes,
  };
}

function token(changes: Json = {}, header: Json = {}, key = server.privateKey): string {
  return jws({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header }, claims(changes), key);
}

interface ProofParts {
  readonly header?: Json;
  readonly claims?: Json;
  readonly key?: KeyObject;
}

function proof(accessToken: string, { header, claims: changes, key }: ProofParts = {}): string {
  const ath = createHash('sha256').update(accessToken).digest('base64url');
  return jws(
    { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk(device.publicKey), ...header },
    { jti: randomUUID(), htm: 'POST', htu: URL_, iat: seconds(), ath, ...changes },
    key ?? device.privateKey,
  );
}

const session: Session = {
  id: 'live',
  person: { id: 'usr_1', provider: 'corp', issuer: 'https://idp.test', subject: 'alice', email: null, name: null },
  clientId: 'mcp-bridge',
  deviceName: null,
  address: '192.0.2.1',
  groups: ['corp/engineering'],
  acr: null,
  amr: [],
  authTime: 0,
  kind: 'person',
  actors: [],
  idleSeconds: null,
  idpSession: null,
  managedDevice: false,
  idpCheckedAt: 0,
  createdAt: 0,
  lastUsedAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

let identity: IdentityService;
const lastUse = { note: () => undefined } as unknown as LastUse;

beforeEach(() => {
  const config = { settings: { publicUrl: ISSUER } } as LoadedConfig;
  const sessions = {
    find: (id: string) => Promise.resolve(id === 'live' ? session : undefined),
    endedError: () => Promise.resolve(new CodedError('session_ended')),
  };
  const keys: Pick<SigningKeys, 'current' | 'confirm'> = {
    current: keySetOf([signingJwk]),
    confirm: () => Promise.resolve(),
  };
  identity = new IdentityService(
    config,
    keys as SigningKeys,
    sessions as unknown as SessionsService,
    lastUse,
    {} as IdpRecheck,
    { requireWithin: () => undefined } as unknown as IdpGrace,
    {} as SessionsUnderWay,
    new OwnProofs(),
    {} as StepUpHandles,
  );
});

function request(authorization: readonly string[], dpop: readonly string[] = []): Credentials {
  return { method: 'POST', url: URL_, authorization, dpop, audiences: [URL_] };
}

/** The code of the refusal, or `admitted`. */
async function outcome(credentials: Credentials): Promise<string> {
  return identity.identify(credentials).then(
    () => 'admitted',
    (error: CodedError) => error.code,
  );
}

test('a token with its proof names the caller', async () => {
  const good = token();
  const caller = await identity.identify(request([`DPoP ${good}`], [proof(good)]));
  expect(caller.session).toBe(session);
  expect(caller.scopes).toEqual(['mcp']);
  expect(caller.audience).toBe(URL_);
});

test('without a token a sign-in is needed', async () => {
  expect(await outcome(request([]))).toBe('sign_in_needed');
});

const pem = server.publicKey.export({ type: 'spki', format: 'pem' });
const hmac = (key: string | Buffer) => {
  const input = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${base64url(claims())}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

test.for<readonly [string, () => string]>([
  [
    'alg none without signature',
    () => `${base64url({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${base64url(claims())}.`,
  ],
  [
    'alg none with a signature',
    () => `${base64url({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${base64url(claims())}.x`,
  ],
  ['HS256 keyed with our public key', () => hmac(pem)],
  ['HS256 keyed with the raw point', () => hmac(Buffer.from(String(signingJwk.x), 'base64url'))],
  ['an attacker’s key under our kid', () => token({}, {}, attacker.privateKey)],
  ['a jwk header', () => token({}, { jwk: publicJwk(attacker.publicKey) }, attacker.privateKey)],
  ['a jku header', () => token({}, { jku: 'http://127.0.0.1:1/jwks' }, attacker.privateKey)],
  ['an unknown kid', () => token({}, { kid: 'k2' })],
  ['no kid', () => token({}, { kid: undefined })],
  ['a kid with a path', () => token({}, { kid: '../k1' })],
  ['a kid of the prototype', () => token({}, { kid: '__proto__' })],
  ['a crit header', () => token({}, { crit: ['exp'] })],
  ['RS256', () => jws({ alg: 'RS256', typ: 'at+jwt', kid: 'k1' }, claims(), rsa.privateKey)],
  ['ES384', () => token({}, { alg: 'ES384' })],
  ['the type of an ID token', () => token({}, { typ: 'JWT' })],
  ['the type of a proof', () => token({}, { typ: 'dpop+jwt' })],
  ['no type', () => token({}, { typ: undefined })],
  ['another issuer', () => token({ iss: 'https://evil.test' })],
  ['our issuer with a slash', () => token({ iss: `${ISSUER}/` })],
  ['another audience', () => token({ aud: `${ISSUER}/api` })],
  ['an audience that begins like ours', () => token({ aud: `${URL_}/crm` })],
  ['a list of audiences', () => token({ aud: [URL_, 'https://evil.test'] })],
  ['no audience', () => token({ aud: undefined })],
  ['an end ten minutes ago', () => token({ iat: seconds() - 900, exp: seconds() - 600 })],
  ['an end at this second', () => token({ exp: seconds() })],
  ['a beginning in the future', () => token({ iat: seconds() + 10 })],
  ['no end', () => token({ exp: undefined })],
  ['an end as text', () => token({ exp: '9999999999' })],
  ['no subject', () => token({ sub: undefined })],
  ['no client', () => token({ client_id: undefined })],
  ['no session', () => token({ sid: undefined })],
  ['another person than its session', () => token({ sub: 'usr_2' })],
  ['another client than its session', () => token({ client_id: 'mcp-sso-admin' })],
  ['no key binding', () => token({ cnf: undefined })],
  ['an empty key binding', () => token({ cnf: {} })],
  ['an all-zero signature', () => token().replace(/[^.]+$/, Buffer.alloc(64).toString('base64url'))],
  [
    'a DER signature',
    () => {
      const input = token().replace(/\.[^.]+$/, '');
      return `${input}.${sign('sha256', Buffer.from(input), server.privateKey).toString('base64url')}`;
    },
  ],
  ['a changed payload', () => token().replace(/\.[^.]+\./, `.${base64url(claims({ sub: 'usr_2' }))}.`)],
  ['a padded signature', () => `${token()}=`],
  ['four parts', () => `${token()}.x`],
  ['ten thousand characters', () => `${token()}${'A'.repeat(10_000)}`],
  ['no JSON in it', () => 'aaaa.bbbb.cccc'],
])('a token with %s is refused', async ([, make]) => {
  const bad = make();
  expect(await outcome(request([`DPoP ${bad}`], [proof(bad)]))).toBe('token_invalid');
});

test('a token that was good is refused when it has ended meanwhile, though it is cached', async () => {
  const short = token({ exp: seconds() + 300 });
  expect(await outcome(request([`DPoP ${short}`], [proof(short)]))).toBe('admitted');
  const elsewhere = { ...request([`DPoP ${short}`], [proof(short)]), audiences: [`${ISSUER}/api`] };
  expect(await outcome(elsewhere)).toBe('token_invalid');
});

test.for<readonly [string, string, (accessToken: string) => readonly string[]]>([
  ['two Authorization headers', 'token_invalid', (good) => [`DPoP ${good}`, `DPoP ${good}`]],
  ['the scheme Bearer (downgrade)', 'token_invalid', (good) => [`Bearer ${good}`]],
  ['the scheme Basic', 'token_invalid', (good) => [`Basic ${good}`]],
  ['two tokens in one line', 'token_invalid', (good) => [`DPoP ${good}, DPoP ${good}`]],
  ['no scheme', 'token_invalid', (good) => [good]],
])('%s is refused', async ([, code, lines]) => {
  const good = token();
  expect(await outcome(request(lines(good), [proof(good)]))).toBe(code);
});

test('a token without key is refused under both schemes', async () => {
  const unbound = token({ cnf: undefined });
  expect(await outcome(request([`Bearer ${unbound}`]))).toBe('token_invalid');
  expect(await outcome(request([`DPoP ${unbound}`], [proof(unbound)]))).toBe('token_invalid');
});

const own = publicJwk(device.publicKey);
const withPrivate = { ...own, d: device.privateKey.export({ format: 'jwk' }).d };

test.for<readonly [string, (accessToken: string) => readonly string[]]>([
  ['is missing', () => []],
  ['comes twice', (good) => [proof(good), proof(good)]],
  ['is not a JWT', () => ['nonsense']],
  ['was made for another method', (good) => [proof(good, { claims: { htm: 'GET' } })]],
  ['was made for another path', (good) => [proof(good, { claims: { htu: `${ISSUER}/mcp/crm` } })]],
  ['was made for another host', (good) => [proof(good, { claims: { htu: 'https://evil.test/mcp' } })]],
  ['was made for plain http', (good) => [proof(good, { claims: { htu: 'http://mcp.corp.test/mcp' } })]],
  ['names no address', (good) => [proof(good, { claims: { htu: '/mcp' } })]],
  ['was made for another token', () => [proof(token())]],
  ['has no ath', (good) => [proof(good, { claims: { ath: undefined } })]],
  ['has no jti', (good) => [proof(good, { claims: { jti: undefined } })]],
  ['has an endless jti', (good) => [proof(good, { claims: { jti: 'x'.repeat(300) } })]],
  ['is too old', (good) => [proof(good, { claims: { iat: seconds() - 61 } })]],
  ['is older than this process', (good) => [proof(good, { claims: { iat: seconds() - 30 } })]],
  ['comes from the future', (good) => [proof(good, { claims: { iat: seconds() + 70 } })]],
  ['has a time as text', (good) => [proof(good, { claims: { iat: String(seconds()) } })]],
  ['has no time', (good) => [proof(good, { claims: { iat: undefined } })]],
  [
    'carries another key',
    (good) => [proof(good, { header: { jwk: publicJwk(attacker.publicKey) }, key: attacker.privateKey })],
  ],
  ['shows our key and is signed with another', (good) => [proof(good, { key: attacker.privateKey })]],
  ['carries a private key', (good) => [proof(good, { header: { jwk: withPrivate } })]],
  ['carries a symmetric key', (good) => [proof(good, { header: { jwk: { kty: 'oct', k: 'AAAA' } } })]],
  ['carries no key', (good) => [proof(good, { header: { jwk: undefined } })]],
  ['has the type of a token', (good) => [proof(good, { header: { typ: 'at+jwt' } })]],
  ['has alg none', (good) => [proof(good, { header: { alg: 'none' } })]],
  ['has alg ES384', (good) => [proof(good, { header: { alg: 'ES384' } })]],
  ['has a crit header', (good) => [proof(good, { header: { crit: ['jwk'] } })]],
])('a proof that %s is refused', async ([, make]) => {
  const good = token();
  expect(await outcome(request([`DPoP ${good}`], make(good)))).toBe('dpop_invalid');
});

test('a proof is good once', async () => {
  const good = token();
  const once = request([`DPoP ${good}`], [proof(good)]);
  expect(await outcome(once)).toBe('admitted');
  expect(await outcome(once)).toBe('dpop_invalid');
  expect(await outcome(request([`DPoP ${good}`], [proof(good)]))).toBe('admitted');
});

test('query and fragment do not count in the address of a proof', async () => {
  const good = token();
  const credentials = { ...request([`DPoP ${good}`], [proof(good)]), url: `${URL_}?x=1` };
  expect(await outcome(credentials)).toBe('admitted');
});

test('a good token of a session that is gone says so', async () => {
  const gone = token({ sid: 'gone' });
  expect(await outcome(request([`DPoP ${gone}`], [proof(gone)]))).toBe('session_ended');
});
