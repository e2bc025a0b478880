import { createHmac, createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportJWK, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { challenges, invalidToken, NOTHING } from '../support/challenge.js';
import { callsAtCrm } from '../support/crm-log.js';
import { send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { newKey, proof } from '../support/proof.js';
import { realSigner, type Forger } from '../support/signing-key.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const REFUSED = invalidToken('The access token is not valid here.');
const GENUINE_BUT_OLD = invalidToken('The access token has expired.');

let alice: SignedIn;
let sign: Forger;
let mcp: string;
let publicKey: JWK;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  sign = await realSigner(stack());
  mcp = `${stack().addresses.publicUrl}/mcp`;
  const { keys } = JSON.parse((await send(`${stack().addresses.publicUrl}/oauth/jwks`)).text) as { keys: JWK[] };
  publicKey = keys[0] ?? {};
});

/** Presents a token with a proof that is good for it, as the strongest attacker would: the holder of the key. */
async function present(token: string) {
  const dpop = await proof(alice.keys, { method: 'POST', url: mcp, accessToken: token });
  return sendMcp(mcp, { authorization: `DPoP ${token}`, dpop }, 'tools/call', {
    name: 'crm__list_customers',
    arguments: {},
  });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function byAttacker(header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  const attacker = await newKey();
  return new SignJWT(decodeJwt(alice.accessToken))
    .setProtectedHeader({ ...decodeProtectedHeader(alice.accessToken), alg: 'ES256', ...header })
    .sign(attacker.privateKey);
}

function unsigned(alg: string): string {
  return `${encoded({ ...decodeProtectedHeader(alice.accessToken), alg })}.${encoded(decodeJwt(alice.accessToken))}.`;
}

function hmacWith(secret: string | Buffer): string {
  const header = { ...decodeProtectedHeader(alice.accessToken), alg: 'HS256' };
  const input = `${encoded(header)}.${encoded(decodeJwt(alice.accessToken))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const now = (): number => Math.floor(Date.now() / 1000);

describe('pitfall 10, algorithm confusion: a forged access token', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['alg none without a signature', () => unsigned('none')],
    ['alg none with some signature', () => `${unsigned('none')}AAAA`],
    ['alg nOnE', () => `${unsigned('nOnE')}AAAA`],
    [
      'HS256 keyed with the public key in PEM',
      () => hmacWith(createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' })),
    ],
    ['HS256 keyed with the public key’s x', () => hmacWith(Buffer.from(publicKey.x ?? '', 'base64url'))],
    ['ES256 by the attacker’s own key under our kid', () => byAttacker()],
    [
      'the attacker’s key in a jwk header',
      async () => byAttacker({ jwk: await exportJWK((await newKey()).publicKey) }),
    ],
    ['a jku header', () => byAttacker({ jku: 'http://127.0.0.1:1/jwks' })],
    ['an x5u header', () => byAttacker({ x5u: 'http://127.0.0.1:1/cert' })],
    ['a kid that climbs folders', () => byAttacker({ kid: '../../../dev/null' })],
    ['an unknown kid', () => byAttacker({ kid: 'unknown' })],
    ['our key, with an unknown critical header', () => sign(alice.accessToken, {}, { crit: ['b64'], b64: true })],
    ['our key, typed as an ID token', () => sign(alice.accessToken, {}, { typ: 'JWT' })],
    ['our key, by another issuer', () => sign(alice.accessToken, { iss: 'http://127.0.0.1:1' })],
    ['our key, issued in the future', () => sign(alice.accessToken, { iat: now() + 3600, exp: now() + 3900 })],
    ['the signature r = s = 0', () => alice.accessToken.replace(/[^.]+$/, Buffer.alloc(64).toString('base64url'))],
    [
      'a changed claim under the old signature',
      () => {
        const [header, , signature] = alice.accessToken.split('.');
        return `${header}.${encoded({ ...decodeJwt(alice.accessToken), sub: 'usr_other' })}.${signature}`;
      },
    ],
    ['no JWT at all', () => 'a.b.c'],
    ['a token of 9 kB', () => `${'a'.repeat(3000)}.${'b'.repeat(3000)}.${'c'.repeat(3000)}`],
  ])('%s is refused', async (_name, make) => {
    const answer = await present(await make());
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', REFUSED));
  });

  it('expired, though our own key signed it, is refused by name', async () => {
    const answer = await present(await sign(alice.accessToken, { iat: now() - 600, exp: now() - 300 }));
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', GENUINE_BUT_OLD));
  });

  it('of a session that does not exist is refused, though our own key signed it', async () => {
    const answer = await present(await sign(alice.accessToken, { sid: 'no-such-session' }));
    expect(answer.status).toBe(401);
    expect(answer.challenges[0]).toContain('error="invalid_token"');
  });

  it('of another person’s name on one’s own session is refused, though our own key signed it', async () => {
    const answer = await present(await sign(alice.accessToken, { sub: 'usr_someone_else' }));
    expect(answer.status).toBe(401);
  });

  it('missing altogether is answered with where to sign in, and no error', async () => {
    const answer = await sendMcp(mcp, {});
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', NOTHING));
  });

  it('never reached the upstream, while the genuine one does', async () => {
    expect(callsAtCrm(stack())).toEqual([]);
    expect((await present(alice.accessToken)).status).toBe(200);
    expect(callsAtCrm(stack())).toEqual(['list_customers']);
  });
});
