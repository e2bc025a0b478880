import { auditLogSchema, type AuditLog } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import { ErasureClaims } from '#shared/audit-log/erasure-claims.js';
import { ExpiryClaims } from '#shared/audit-log/expiry-claims.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { LogVerification, type LogFinding } from '#shared/audit-log/verify-log.js';
import { payloadFinding } from '#shared/audit-log/verify-receipt.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { readCheckpoints } from './checkpoint-file.js';
import type { RememberedLog } from './remembered-log.js';

interface CheckedLog {
  readonly result: LogFinding | Checkpoint;
  /** The checkpoint (signed note) that the log was checked against. */
  readonly note: string;
  readonly verifierKey: string;
  /** How many records' personal parts were shown and hold. */
  readonly payloads: number;
}

type Claims = Pick<ErasureClaims, 'add' | 'finish'>;

/** What is known of a log from before. */
export interface KnownLog {
  readonly remembered: RememberedLog | undefined;
  /** Its key, as published. */
  readonly key?: string;
  /** File of earlier checkpoints. */
  readonly since?: string;
  /** Whether the personal part of records is checked too. */
  readonly payloads?: boolean;
}

/** Fetches the log page by page and checks it with the key that is known, or with the key it comes with the first time. */
export async function checkLog(read: ReadApi, known: KnownLog): Promise<CheckedLog> {
  const { remembered, key, since, payloads: isAsked = false } = known;
  let page = await fetchPage(read, 0, isAsked);
  let payloads = 0;
  const verifierKey = remembered?.verifierKey ?? key ?? page.verifierKey;
  const last = remembered && openCheckpoint(remembered.checkpoint, verifierKey);
  const given = since === undefined ? [] : await readCheckpoints(since, verifierKey);
  const verification = new LogVerification(verifierKey, [...(last ? [last] : []), ...given]);
  const claims = [new ErasureClaims(), new ExpiryClaims()];
  for (;;) {
    const { checkpoint: note, headers } = page;
    const finding =
      keyFinding(page.verifierKey, verifierKey, 'at the first check') ??
      keyFinding(page.verifierKey, key ?? verifierKey, 'the one given') ??
      addPage({ verification, claims }, page, isAsked);
    if (finding) return { result: finding, note, verifierKey, payloads };
    payloads += page.payloads.filter(({ state }) => state === 'shown').length;
    const fetched = page.from + headers.length;
    // Reading is audited, so the log grows with every page; what a page ends with covers what came before it.
    const signed = openCheckpoint(note, verifierKey);
    if (!signed || headers.length === 0 || fetched >= signed.size) {
      const result = verification.finish(note);
      return { result: 'message' in result ? result : (unfounded(claims) ?? result), note, verifierKey, payloads };
    }
    page = await fetchPage(read, fetched, isAsked);
  }
}

async function fetchPage(read: ReadApi, from: number, payloads: boolean): Promise<AuditLog> {
  const query = `from=${from}${payloads ? '&payloads=shown' : ''}`;
  const page = readAnswer(auditLogSchema, await read(`${PATHS.auditLog}?${query}`));
  return { ...page, from };
}

/** The first record whose personal part is said to be gone for a reason that is not on record. */
function unfounded(claims: readonly Claims[]): LogFinding | undefined {
  return claims.map((one) => one.finish()).find((finding) => finding !== undefined);
}

function keyFinding(verifierKey: string, expected: string, known: string): LogFinding | undefined {
  if (verifierKey === expected) return undefined;
  return { message: `The log is signed by another key than ${known}: ${verifierKey}, not ${expected}.` };
}

function addPage(
  { verification, claims }: { readonly verification: LogVerification; readonly claims: readonly Claims[] },
  { from, headers, leaves, payloads }: AuditLog,
  isAsked: boolean,
): LogFinding | undefined {
  for (const [at, header] of headers.entries()) {
    const finding = verification.add(header, leaves[at]);
    if (finding) return finding;
    // What is asked for and does not come is as bad as what was changed.
    const shown = payloads[at] ?? (isAsked ? { state: 'damaged' as const } : undefined);
    if (!shown) continue;
    const parsed = parseHeader(header)!;
    const changed = payloadFinding(from + at, parsed, shown);
    if (changed) return changed;
    for (const one of claims) one.add(from + at, parsed, shown);
  }
  return undefined;
}
