import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onPostgres } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { DpopVerifier, type ProofContext } from './dpop-proof.js';
import { SharedProofs } from './shared-proofs.js';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty, crv, x, y } = key.publicKey.export({ format: 'jwk' });
const context: ProofContext = {
  method: 'POST',
  url: 'https://mcp.corp.test/mcp',
  accessToken: 'token',
  thumbprint: createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url'),
};
const REFUSED = { code: 'dpop_invalid', message: 'The DPoP proof was used before.' };

function proof(iat = Math.floor(Date.now() / 1000), jti: string = randomUUID()): string {
  const ath = createHash('sha256').update(context.accessToken).digest('base64url');
  const parts = [
    { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } },
    { jti, htm: context.method, htu: context.url, iat, ath },
  ];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signed = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signed.toString('base64url')}`;
}

/** As stored, for a key with the thumbprint `key`. */
function idOf({ jti }: { readonly jti: string }): string {
  return createHash('sha256').update(`key.${jti}`).digest('base64url');
}

onPostgres(() => {
  let database: TestStorage;
  let replicas: readonly [DpopVerifier, DpopVerifier];

  beforeEach(async () => {
    database = await openTestStorage('postgres');
    const other = await database.another();
    replicas = [new DpopVerifier(new SharedProofs(database.storage.db)), new DpopVerifier(new SharedProofs(other.db))];
  });
  afterEach(() => database[Symbol.asyncDispose]());

  test('a proof that was used at one replica is refused at every other', async () => {
    const stolen = proof();
    await replicas[0].verify([stolen], context);
    await expect(replicas[1].verify([stolen], context)).rejects.toMatchObject(REFUSED);
    await expect(replicas[0].verify([stolen], context)).rejects.toMatchObject(REFUSED);
    await replicas[1].verify([proof()], context);
  });

  test('shown to all replicas at the same moment, a proof is good at one', async () => {
    for (let round = 0; round < 10; round += 1) {
      const stolen = proof();
      const shown = [0, 1, 0, 1].map((replica) => replicas[replica as 0 | 1].verify([stolen], context));
      const outcomes = await Promise.allSettled(shown);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('a replica that has just started knows what was used before, and admits what was made before', async () => {
    const [used, unused] = [proof(), proof(Math.floor(Date.now() / 1000) - 30)];
    await replicas[0].verify([used], context);
    const late = new DpopVerifier(new SharedProofs((await database.another()).db));
    await expect(late.verify([used], context)).rejects.toMatchObject(REFUSED);
    await late.verify([unused], context);
  });

  test('what a client puts into a proof is only hashed', async () => {
    for (const jti of ['\0', `'; drop table dpop_proofs; --`, '\ud800', 'x'.repeat(256)]) {
      await replicas[0].verify([proof(undefined, jti)], context);
      await expect(replicas[1].verify([proof(undefined, jti)], context)).rejects.toMatchObject(REFUSED);
    }
    await replicas[0].verify([proof(Date.now() / 1000 + 0.123)], context);
  });

  test('a proof is kept until no replica accepts it, also where clocks differ', async () => {
    const iat = Math.floor(Date.now() / 1000);
    await replicas[0].verify([proof(iat)], context);
    const rows = await database.storage.db.selectFrom('dpop_proofs').select('expires_at').execute();
    expect(rows).toEqual([{ expires_at: (iat + 180) * 1000 }]);
  });

  test('where the database cannot tell, the call is refused', async () => {
    await database.database.breakWrites('insert', 'dpop_proofs');
    await expect(replicas[0].verify([proof()], context)).rejects.toMatchObject({ code: 'database_unavailable' });
    await database.database.mendWrites('dpop_proofs');
    await replicas[0].verify([proof()], context);
  });

  test('the same proofs in another order at two replicas keep nobody waiting', async () => {
    const { db } = database.storage;
    const proofs = new SharedProofs((await database.another()).db);
    const shown = ['a', 'b'].map((jti) => ({ thumbprint: 'key', jti, issuedAt: Math.floor(Date.now() / 1000) }));
    const [first, last] = shown.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
    const insert = (transaction: typeof db, shownElsewhere: { jti: string }) =>
      transaction
        .insertInto('dpop_proofs')
        .values({ id: idOf(shownElsewhere), expires_at: Date.now() + 60_000 })
        .execute();
    const uses = await db.transaction().execute(async (transaction) => {
      await insert(transaction, first!);
      const waiting = [last!, first!].map((one) => proofs.use(one, Date.now() / 1000));
      await vi.waitFor(async () => {
        const rows = await database.database.query('select 1 from pg_locks where not granted');
        expect(rows).not.toEqual([]);
      });
      await insert(transaction, last!);
      return waiting;
    });
    expect(await Promise.all(uses)).toEqual([false, false]);
  });
});
