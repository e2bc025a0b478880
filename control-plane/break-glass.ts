import { userInfo } from 'node:os';
import { AuditService } from './audit/audit.service.js';
import { ActiveCatalog } from './catalog/active-catalog.js';
import type { LoadedConfig } from './config/settings.js';
import { liveBreakGlassSessions } from './identity/break-glass/break-glass-sessions.js';
import { codeId, discardCodes, newCode, storeCode } from './identity/break-glass/codes.js';
import { issuerOf } from './identity/resources.js';
import { ScimProviders } from './identity/scim/scim-providers.js';
import { ScimStanding } from './identity/scim/scim-standing.js';
import { SessionLifetimes } from './identity/sessions/session-lifetimes.js';
import { SessionsService } from './identity/sessions/sessions.service.js';
import { MessagingService } from './messaging/messaging.service.js';
import { Logger } from './observability/logger.js';
import { offline } from './offline.js';
import { Notifications } from './storage/notifications/notifications.js';
import { StorageService } from './storage/storage.service.js';

/** Makes a one-time code, beside a running server too. There is none unless it is on record first. */
export async function makeBreakGlassCode(config: LoadedConfig, reason: string, minutes: number): Promise<string> {
  return offline(config, async (context) => {
    const code = newCode();
    const id = codeId(code);
    const operator = userInfo().username;
    await context.get(AuditService).write({
      type: 'auth.break-glass',
      phase: 'event',
      facts: { target: id, decision: 'allow' },
      subject: 'system',
      personal: { name: operator, reason, detail: `code made on the server’s host, for ${minutes} minutes` },
    });
    const now = Date.now();
    await storeCode(context.get(StorageService), id, { minutes, reason, operator }, now);
    context.get(MessagingService).announce({
      kind: 'identity.break-glass',
      at: now,
      sentence: `${operator} made a break-glass code on the server’s host: for ten minutes it lets somebody in past the identity provider.`,
      subject: id,
    });
    return code;
  });
}

/** What the end of break-glass came to. */
export interface BreakGlassEnd {
  readonly codes: number;
  readonly sessions: number;
}

/** Discards every code that waits and ends every session that lives by one; running control planes hear of it. */
export async function endBreakGlass(config: LoadedConfig): Promise<BreakGlassEnd> {
  return offline(config, async (context) => {
    const storage = context.get(StorageService);
    const codes = await discardCodes(storage.db);
    const sessions = new SessionsService(
      storage,
      context.get(Notifications),
      context.get(AuditService),
      new ScimStanding(storage, new ScimProviders(config, context.get(Logger))),
      new SessionLifetimes(config, ActiveCatalog.of(config)),
      context.get(Logger),
    );
    const issuer = issuerOf(config.settings.publicUrl);
    const live = await liveBreakGlassSessions(storage.db, { issuer, now: Date.now() });
    for (const { id } of live) await sessions.end(id, 'break-glass-ended');
    await context.get(AuditService).write({
      type: 'auth.break-glass',
      phase: 'event',
      facts: {},
      subject: 'system',
      personal: {
        name: userInfo().username,
        reason: 'ended on the server’s host',
        detail: `codes discarded: ${codes}, sessions ended: ${live.length}`,
      },
    });
    return { codes, sessions: live.length };
  });
}
