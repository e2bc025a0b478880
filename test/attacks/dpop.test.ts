import { createHash } from 'node:crypto';
import { exportJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { challenges, invalidProof, invalidToken } from '../support/challenge.js';
import { callsAtCrm } from '../support/crm-log.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { newKey, proof, type KeyPair, type ProofChanges } from '../support/proof.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let alice: SignedIn;
let attacker: KeyPair;
let mcp: string;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  attacker = await newKey();
  mcp = `${stack().addresses.publicUrl}/mcp`;
});

const CALL = { name: 'crm__list_customers', arguments: {} };
const now = (): number => Math.floor(Date.now() / 1000);
const goodProof = (changes: ProofChanges = {}, url = mcp): Promise<string> =>
  proof(alice.keys, { method: 'POST', url, accessToken: alice.accessToken }, changes);

function present(dpop: string | string[] | undefined, scheme = 'DPoP') {
  const headers = { authorization: `${scheme} ${alice.accessToken}`, ...(dpop === undefined ? {} : { dpop }) };
  return sendMcp(mcp, headers, 'tools/call', CALL);
}

const NOT_VALID = 'The DPoP proof is missing or not valid.';

describe('a DPoP proof', () => {
  it.each<[string, () => Promise<string | string[] | undefined>, string]>([
    ['missing', async () => undefined, 'Send exactly one DPoP proof with this token.'],
    ['sent twice', async () => [await goodProof(), await goodProof()], 'Send exactly one DPoP proof with this token.'],
    ['garbage', async () => 'a.b.c', NOT_VALID],
    [
      'stale',
      () => goodProof({ claims: { iat: now() - 120 } }),
      'The DPoP proof is not recent. Check the clock of this computer.',
    ],
    [
      'from the future',
      () => goodProof({ claims: { iat: now() + 120 } }),
      'The DPoP proof is not recent. Check the clock of this computer.',
    ],
    [
      'for another address',
      () => goodProof({ claims: { htu: `${mcp}/crm` } }),
      'The DPoP proof was made for another address.',
    ],
    [
      'for another origin',
      () => goodProof({ claims: { htu: 'http://evil.example/mcp' } }),
      'The DPoP proof was made for another address.',
    ],
    ['for another method', () => goodProof({ claims: { htm: 'GET' } }), 'The DPoP proof was made for another method.'],
    [
      'for another token',
      () => goodProof({ claims: { ath: createHash('sha256').update('other').digest('base64url') } }),
      'The DPoP proof was made for another token.',
    ],
    [
      'without the token’s hash',
      () => goodProof({ claims: { ath: undefined } }),
      'The DPoP proof was made for another token.',
    ],
    ['without a jti', () => goodProof({ claims: { jti: undefined } }), NOT_VALID],
    ['without an iat', () => goodProof({ claims: { iat: undefined } }), NOT_VALID],
    ['of another type', () => goodProof({ header: { typ: 'JWT' } }), NOT_VALID],
    [
      'made and signed with another key',
      () => proof(attacker, { method: 'POST', url: mcp, accessToken: alice.accessToken }),
      'The DPoP proof was made with another key than the token.',
    ],
    ['signed with another key than it names', () => goodProof({ signWith: attacker.privateKey }), NOT_VALID],
    [
      'that carries its private key',
      async () => goodProof({ header: { jwk: await exportJWK(alice.keys.privateKey) } }),
      NOT_VALID,
    ],
  ])('%s is refused', async (_name, make, description) => {
    const answer = await present(await make());
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', invalidProof(description)));
  });

  it.each(['none', 'HS256'])('with alg %s is refused', async (alg) => {
    const [, payload] = (await goodProof()).split('.');
    const header = Buffer.from(JSON.stringify({ alg, typ: 'dpop+jwt', jwk: await exportJWK(alice.keys.publicKey) }));
    const answer = await present(`${header.toString('base64url')}.${payload}.AAAA`);
    expect(answer.status).toBe(401);
    expect(answer.challenges).toEqual(challenges(stack(), '/mcp', 'mcp', invalidProof(NOT_VALID)));
  });

  it('replayed is refused the second time', async () => {
    const once = await goodProof();
    expect((await present(once)).status).toBe(200);
    const again = await present(once);
    expect(again.status).toBe(401);
    expect(again.challenges).toEqual(
      challenges(stack(), '/mcp', 'mcp', invalidProof('The DPoP proof was used before.')),
    );
    expect(callsAtCrm(stack())).toEqual(['list_customers']);
  });

  it('can’t be left out by calling the token a Bearer token', async () => {
    for (const dpop of [undefined, await goodProof()]) {
      const answer = await present(dpop, 'Bearer');
      expect(answer.status).toBe(401);
      expect(answer.challenges[0]).toMatch(/^Bearer .*resource_metadata="/);
    }
    expect(callsAtCrm(stack())).toEqual(['list_customers']);
  });
});

describe('pitfall 17, smuggling: two Authorization headers', () => {
  it('are refused, whichever of them is good', async () => {
    const dpop = await goodProof();
    const good = `DPoP ${alice.accessToken}`;
    for (const authorization of [
      [good, 'Bearer a.b.c'],
      ['Bearer a.b.c', good],
      [good, good],
    ]) {
      const answer = await sendMcp(mcp, { authorization, dpop });
      expect(answer.status).toBe(401);
      expect(answer.challenges).toEqual(
        challenges(stack(), '/mcp', 'mcp', invalidToken('Send exactly one Authorization header.')),
      );
    }
  });
});
