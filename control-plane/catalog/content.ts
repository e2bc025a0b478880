import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { settingsSchema, type PolicyFile, type ServerSettings, type Settings } from '../config/settings.js';

/** What changes without a restart: everything else of `mcp-sso.yaml` is read at the start only. */
export interface CatalogContent {
  readonly servers: Settings['servers'];
  readonly roles: Settings['roles'];
  readonly policyFiles: readonly PolicyFile[];
}

const contentSchema = z.strictObject({
  servers: settingsSchema.shape.servers,
  roles: settingsSchema.shape.roles,
  policyFiles: z.array(z.strictObject({ file: z.string(), text: z.string() })),
});

const DEFAULTS: Readonly<Record<string, unknown>> = settingsSchema.shape.servers.valueType.parse({});

/** The servers as an admin writes them: without the keys that only repeat a default. */
export function writtenServers(servers: Settings['servers']): Record<string, Partial<ServerSettings>> {
  return Object.fromEntries(Object.entries(servers).map(([id, server]) => [id, written(server)]));
}

function written(server: ServerSettings): Partial<ServerSettings> {
  return Object.fromEntries(Object.entries(server).filter(([key, value]) => !isDeepStrictEqual(value, DEFAULTS[key])));
}

/** The text that is stored and hashed. It keeps the order of servers, in which people see them. */
export function formatContent({ servers, roles, policyFiles }: CatalogContent): string {
  const files = policyFiles.map(({ file, text }) => ({ file, text }));
  return JSON.stringify({ servers: writtenServers(servers), roles, policyFiles: files });
}

/** @throws Error where the text is none that `formatContent` wrote, or not in the form of this version. */
export function parseContent(text: string): CatalogContent {
  return contentSchema.parse(JSON.parse(text));
}

/** SHA-256, hex. */
export function hashContent(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
