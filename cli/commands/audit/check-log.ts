import { auditLogSchema, type AuditLog } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { LogVerification, type LogFinding } from '#shared/audit-log/verify-log.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { readCheckpoints } from './checkpoint-file.js';
import type { RememberedLog } from './remembered-log.js';

interface CheckedLog {
  readonly result: LogFinding | Checkpoint;
  /** The checkpoint (signed note) that the log was checked against. */
  readonly note: string;
  readonly verifierKey: string;
}

/** What is known of a log from before. */
interface Known {
  readonly remembered: RememberedLog | undefined;
  /** Its key, as published. */
  readonly key?: string;
  /** File of earlier checkpoints. */
  readonly since?: string;
}

/** Fetches the log page by page and checks it with the key that is known, or with the key it comes with the first time. */
export async function checkLog(read: ReadApi, { remembered, key, since }: Known): Promise<CheckedLog> {
  let page = await fetchPage(read, 0);
  const verifierKey = remembered?.verifierKey ?? key ?? page.verifierKey;
  const last = remembered && openCheckpoint(remembered.checkpoint, verifierKey);
  const given = since === undefined ? [] : await readCheckpoints(since, verifierKey);
  const verification = new LogVerification(verifierKey, [...(last ? [last] : []), ...given]);
  for (;;) {
    const { checkpoint: note, headers } = page;
    const finding =
      keyFinding(page.verifierKey, verifierKey, 'at the first check') ??
      keyFinding(page.verifierKey, key ?? verifierKey, 'the one given') ??
      addPage(verification, page);
    if (finding) return { result: finding, note, verifierKey };
    const fetched = page.from + headers.length;
    // Reading is audited, so the log grows with every page; what a page ends with covers what came before it.
    const signed = openCheckpoint(note, verifierKey);
    if (!signed || headers.length === 0 || fetched >= signed.size) {
      return { result: verification.finish(note), note, verifierKey };
    }
    page = await fetchPage(read, fetched);
  }
}

async function fetchPage(read: ReadApi, from: number): Promise<AuditLog> {
  const page = readAnswer(auditLogSchema, await read(`${PATHS.auditLog}?from=${from}`));
  return { ...page, from };
}

function keyFinding(verifierKey: string, expected: string, known: string): LogFinding | undefined {
  if (verifierKey === expected) return undefined;
  return { message: `The log is signed by another key than ${known}: ${verifierKey}, not ${expected}.` };
}

function addPage(verification: LogVerification, { headers, leaves }: AuditLog): LogFinding | undefined {
  for (const [index, header] of headers.entries()) {
    const finding = verification.add(header, leaves[index]);
    if (finding) return finding;
  }
  return undefined;
}
