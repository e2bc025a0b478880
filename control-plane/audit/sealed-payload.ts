import { timingSafeEqual } from 'node:crypto';
import { openWith, sealWith } from '../storage/sealing.js';
import { commitment } from '#shared/audit-log/commitment.js';
import type { RecordPersonal } from './record.js';

export interface OpenedPayload {
  /** Base64: the key of the commitment. */
  readonly salt: string;
  readonly personal: RecordPersonal;
}

/** Seals personal data and the salt of its commitment under the subject's key, bound to the record. */
export function sealPayload(key: Buffer, recordId: string, salt: Buffer, personal: RecordPersonal): Buffer {
  const payload: OpenedPayload = { salt: salt.toString('base64'), personal };
  return sealWith(key, recordId, Buffer.from(JSON.stringify(payload)));
}

/** Undefined where the row was sealed for another record, under another key, or is not what the leaf commits to. */
export function openPayload(
  key: Buffer,
  recordId: string,
  committed: string,
  sealed: Buffer,
): OpenedPayload | undefined {
  try {
    const { salt, personal } = JSON.parse(openWith(key, recordId, sealed).toString()) as OpenedPayload;
    const actual = commitment(Buffer.from(salt, 'base64'), personal);
    return timingSafeEqual(Buffer.from(actual), Buffer.from(committed)) ? { salt, personal } : undefined;
  } catch {
    return undefined;
  }
}
