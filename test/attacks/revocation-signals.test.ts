import { createHmac, createPublicKey } from 'node:crypto';
import { generateKeyPair, SignJWT, type JWK, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import {
  AUDIENCE,
  CAEP,
  LOGOUT,
  Receiver,
  type SignedIn,
} from '../../control-plane/identity/revocation/testing/receiver.js';
import { IDP_CLIENT } from '../../control-plane/identity/testing/idp.js';

const HOUR = 3600;
const REVOKED = { [`${CAEP}/session-revoked`]: {} };
let here: Receiver;
let alice: SignedIn;

beforeAll(async () => {
  here = await Receiver.start();
  alice = await here.signIn('alice');
});
afterAll(() => here[Symbol.asyncDispose]());

const now = () => Math.floor(Date.now() / 1000);
const subject = () => ({ format: 'iss_sub', iss: here.idp.issuer, sub: 'alice' });
const address = () => here.system.publicUrl + PATHS.globalTokenRevocation;

/** The three ways, each with a genuine token for alice that an attack changes. */
const WAYS = {
  'back-channel logout': {
    claims: (): JWTPayload => ({ aud: IDP_CLIENT.id, sub: 'alice', events: LOGOUT }),
    typ: 'logout+jwt',
    send: (token: string) => here.post(PATHS.backchannelLogout, new URLSearchParams({ logout_token: token })),
    refused: 400,
  },
  'universal logout': {
    claims: (): JWTPayload => ({ aud: address(), exp: now() + 300 }),
    typ: 'global-token-revocation+jwt',
    send: (token: string) =>
      here.post(PATHS.globalTokenRevocation, JSON.stringify({ sub_id: subject() }), {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
      }),
    refused: 401,
  },
  'shared signals': {
    claims: (): JWTPayload => ({ aud: AUDIENCE, sub_id: subject(), events: REVOKED }),
    typ: 'secevent+jwt',
    send: (token: string) => here.pushToken(token),
    refused: 400,
  },
} as const;
type Way = (typeof WAYS)[keyof typeof WAYS];

function whole({ claims }: Way): JWTPayload {
  return { iss: here.idp.issuer, iat: now(), jti: crypto.randomUUID(), ...claims() };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function unsigned(way: Way, alg: string): string {
  return `${encoded({ alg, typ: way.typ, kid: 'idp' })}.${encoded(whole(way))}.`;
}

async function byAttacker(way: Way, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT(whole(way))
    .setProtectedHeader({ alg: 'ES256', typ: way.typ, kid: 'idp', ...header })
    .sign(privateKey);
}

async function hmac(way: Way): Promise<string> {
  const { keys } = (await (await fetch(`${here.idp.issuer}/jwks`)).json()) as { keys: [JWK] };
  const secret = createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const input = unsigned(way, 'HS256').slice(0, -1);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const changed = (way: Way, claims: object, header: Partial<JWTHeaderParameters> = {}) =>
  here.idp.sign({ ...way.claims(), ...claims }, { typ: way.typ, ...header });

describe.each(Object.entries(WAYS))('a signal by %s', (_name, way) => {
  it.each<readonly [string, () => string | Promise<string>]>([
    ['alg none', () => unsigned(way, 'none')],
    ['alg none with some signature', () => `${unsigned(way, 'none')}AAAA`],
    ['HS256 keyed with the public key', () => hmac(way)],
    ['an attacker’s key under the provider’s kid', () => byAttacker(way)],
    ['a jku header', () => byAttacker(way, { jku: 'http://127.0.0.1:1/jwks' })],
    ['an unknown kid', () => byAttacker(way, { kid: 'unknown' })],
    ['another audience', () => changed(way, { aud: 'https://other.test' })],
    ['no audience', () => changed(way, { aud: undefined })],
    ['an issuer that nobody configured', () => changed(way, { iss: 'https://evil.test' })],
    ['the issuer of the other provider', () => changed(way, { iss: here.other.issuer })],
    ['the other provider’s key', () => here.other.sign({ ...way.claims(), iss: here.idp.issuer }, { typ: way.typ })],
    ['a stale iat', () => changed(way, { iat: now() - 8 * 24 * HOUR })],
    ['an iat in the future', () => changed(way, { iat: now() + HOUR })],
    ['an exp that has passed', () => changed(way, { exp: now() - HOUR })],
    ['no jti', () => changed(way, { jti: undefined })],
    ['the type of another kind', () => changed(way, {}, { typ: 'at+jwt' })],
    ['an ID token of alice', () => here.idp.sign({ aud: IDP_CLIENT.id, sub: 'alice', nonce: 'n' }, { typ: 'JWT' })],
    ['9 kB', () => 'a'.repeat(9_000)],
  ])('with %s is refused', async (_case, token) => {
    const answer = await way.send(await token());
    expect([way.refused, 401]).toContain(answer.status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await here.isLive(alice)).toBe(true);
  });

  it('of another way is refused, and so is a body without bounds', async () => {
    for (const other of Object.values(WAYS)) {
      if (other === way) continue;
      const token = await here.idp.sign(other.claims(), { typ: other.typ });
      expect((await way.send(token)).status).toBe(way.refused);
    }
    expect([400, 401, 413, 431]).toContain((await way.send('a'.repeat(300_000))).status);
  });
});

describe('a signal by a provider about another provider’s people', () => {
  it('reaches nobody', async () => {
    const foreign = { format: 'iss_sub', iss: here.idp.issuer, sub: 'alice' };
    expect((await here.logout({ sub: 'alice' }, {}, here.other)).status).toBe(200);
    expect((await here.logout({ sid: alice.idpSession }, {}, here.other)).status).toBe(200);
    expect((await here.revokeAll(foreign, {}, here.other)).status).toBe(404);
    expect((await here.revokeAll({ format: 'email', email: 'alice@corp.test' }, {}, here.other)).status).toBe(404);
    expect(await here.isLive(alice)).toBe(true);
  });

  it('and a genuine signal, after all of these, does', async () => {
    expect((await here.logout({ sub: 'alice' })).status).toBe(200);
    expect(await here.isLive(alice)).toBe(false);
  });
});
