import { PassThrough } from 'node:stream';
import { v7 } from 'uuid';
import { vi } from 'vitest';
import { ErasureClaims } from '#shared/audit-log/erasure-claims.js';
import { ExpiryClaims } from '#shared/audit-log/expiry-claims.js';
import { RECORD_KINDS } from '#shared/audit-log/record-kinds.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { settingsSchema } from '../../../config/settings.js';
import { TestMessaging, WEBHOOK_SECRET } from '../../../messaging/testing/messaging.js';
import { Logger } from '../../../observability/logger.js';
import { addPayloadMonth } from '../../../storage/payload-partitions.js';
import { engineOf } from '../../../storage/engine.js';
import { SwitchedLeadership } from '../../../storage/testing/switched-leadership.js';
import { draftRecord, type DraftRecord } from '../../draft-record.js';
import type { NewRecord } from '../../record.js';
import type { OpenAudit, TemporaryAudit } from '../../testing/open-audit.js';
import { RetentionService } from '../retention.service.js';

/** What each month is: a call that is let through, a list of tools, and a sign-in. */
const TYPES = ['tool.call', 'list', 'auth.sign-in'] as const;

/** Partitions as they would have been made in time. */
export async function hadMonths({ storage: { db } }: OpenAudit, ...months: readonly string[]): Promise<void> {
  if (engineOf(db) === 'sqlite') return;
  for (const month of months) for (const kind of RECORD_KINDS) await addPayloadMonth(db, kind, month);
}

/** Records of alice's at these times (epoch milliseconds, the oldest first), as the log would have had them. Resolves to their ids. */
export async function recordedAt(
  { records, storage }: OpenAudit,
  times: readonly number[],
  types: readonly NewRecord['type'][] = TYPES,
): Promise<string[]> {
  const ids: string[] = [];
  for (const ms of times) {
    // The log writes nothing that PostgreSQL's clock says is not of now, so that is of then too.
    using _clock = vi
      .spyOn(records, 'databaseTime')
      .mockResolvedValue(engineOf(storage.db) === 'postgres' ? ms : undefined);
    const drafts = types.map((type) => draftAt(type, ms));
    await records.append(drafts);
    ids.push(...drafts.map(({ header }) => header.id));
  }
  return ids;
}

function draftAt(type: NewRecord['type'], ms: number): DraftRecord {
  const facts = { person: 'usr_alice', client: 'mcp-bridge', server: 'finance' };
  const personal = { email: 'alice@acme.example' };
  const draft = draftRecord({ type, phase: 'event', facts, subject: 'usr_alice', personal }, ms);
  return { ...draft, header: { ...draft.header, id: v7({ msecs: ms }) } };
}

/** The service of one control plane, started by nothing but the test. `audit`: of its settings. */
export function retentionOf(temporary: TemporaryAudit, audit: OpenAudit, settings: object) {
  const parsed = settingsSchema.parse({ ...temporary.config.settings, audit: settings });
  const config = { ...temporary.config, settings: parsed, environment: { HOOK_SECRET: WEBHOOK_SECRET } };
  const messaging = new TestMessaging(audit.storage, {
    webhooks: { ops: { url: 'http://127.0.0.1:1/hook', secret: 'env:HOOK_SECRET' } },
  });
  const log = new PassThrough();
  const leadership = new SwitchedLeadership();
  const logger = new Logger('info', log);
  const service = new RetentionService(config, audit.storage, audit.service, leadership, messaging.service, logger);
  return { service, messaging, leadership, logged: () => String(log.read() ?? '') };
}

/** What `mcp-sso audit verify --payloads` finds, and the state of each record's personal part in the log's order. */
export async function verified({ service, records }: OpenAudit) {
  const headers: string[] = [];
  const states: string[] = [];
  const claims = [new ErasureClaims(), new ExpiryClaims()];
  while (headers.length < records.size) {
    const page = await service.log(headers.length, { payloads: true });
    for (const [at, text] of page.headers.entries()) {
      for (const one of claims) one.add(headers.length, parseHeader(text)!, page.payloads[at]!);
      headers.push(text);
      states.push(page.payloads[at]!.state);
    }
  }
  return {
    log: verifyLog(headers, records.checkpoint, records.signer.verifierKey),
    finding: claims.map((one) => one.finish()).find((finding) => finding !== undefined),
    states,
    headers: headers.map((text) => parseHeader(text)!),
    expiries: headers.map((text) => parseHeader(text)!).filter(({ type }) => type === 'audit.expire'),
  };
}
