import type { StorageService } from '../../storage/storage.service.js';

const DAY_MS = 86_400_000;
/** How long before its end a secret is spoken of. */
const NOTICE_DAYS = 14;

/** A secret's versions, for lists: never what they hold. Times are epoch milliseconds. */
export interface ListedSecret {
  readonly name: string;
  readonly version: number;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly retiredAt: number | null;
}

export async function listSecrets({ db }: Pick<StorageService, 'db'>): Promise<readonly ListedSecret[]> {
  const rows = await db
    .selectFrom('secrets')
    .select(['name', 'version', 'created_at', 'expires_at', 'retired_at'])
    .orderBy('name')
    .orderBy('version')
    .execute();
  return rows.map(({ name, version, ...times }) => ({
    name,
    version,
    createdAt: times.created_at,
    expiresAt: times.expires_at,
    retiredAt: times.retired_at,
  }));
}

/** One sentence for each secret in use that expires within two weeks, or has. */
export function expiryNotes(secrets: readonly ListedSecret[], now: number): string[] {
  const inUse = new Map(secrets.filter(({ retiredAt }) => retiredAt === null).map((one) => [one.name, one] as const));
  return [...inUse.values()].flatMap(({ name, expiresAt }) => {
    if (expiresAt === null || expiresAt - now > NOTICE_DAYS * DAY_MS) return [];
    const verb = expiresAt <= now ? 'expired' : 'expires';
    const day = new Date(expiresAt).toISOString().slice(0, 10);
    return [`The secret ${name} ${verb} on ${day}: run mcp-sso-control-plane secret set ${name}.`];
  });
}
