import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';

const SEALED_FOR = 'break-glass-codes';
const CODE_LIFETIME = 600_000;
/** Crockford's base 32: nothing in it is mistaken for something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 20;
const GROUP = 5;

/** What was said when a code was made. */
const detailSchema = z.object({ minutes: z.number(), reason: z.string(), operator: z.string() });
export type CodeDetail = z.output<typeof detailSchema>;

/** 100 random bits, in groups that can be read out. */
export function newCode(): string {
  const letters = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return letters.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? letters;
}

/** What a code is stored and recorded as, however it was typed: its SHA-256. */
export function codeId(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(plain).digest('base64url');
}

/** `now`: epoch milliseconds. */
export async function storeCode(storage: StorageService, id: string, detail: CodeDetail, now: number): Promise<void> {
  const sealed = storage.seal(SEALED_FOR, id, Buffer.from(JSON.stringify(detail)));
  await storage.db
    .insertInto('break_glass_codes')
    .values({ id, sealed, created_at: now, expires_at: now + CODE_LIFETIME, used_at: null })
    .execute();
}

/** Uses a code up: of several at once, one gets what was said of it. Undefined for one that is not good. */
export async function takeCode(storage: StorageService, id: string, now: number): Promise<CodeDetail | undefined> {
  const row = await storage.db
    .updateTable('break_glass_codes')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('sealed')
    .executeTakeFirst();
  return row && detailSchema.parse(JSON.parse(storage.open(SEALED_FOR, id, row.sealed).toString()));
}

/** Codes that wait to be used, with the time until when, in epoch milliseconds. */
export async function waitingCodes(db: Kysely<Database>, now: number): Promise<{ id: string; until: number }[]> {
  return db
    .selectFrom('break_glass_codes')
    .select(['id', 'expires_at as until'])
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
}

/** Whether a code, used up or not, has not been discarded. */
export async function isKnownCode(db: Kysely<Database>, id: string): Promise<boolean> {
  const row = await db.selectFrom('break_glass_codes').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

/** Discards them all, also those that somebody is signing in by at this moment. Resolves to how many waited. */
export async function discardCodes(db: Kysely<Database>): Promise<number> {
  const discarded = await db.deleteFrom('break_glass_codes').returning('used_at').execute();
  return discarded.filter(({ used_at: usedAt }) => usedAt === null).length;
}
