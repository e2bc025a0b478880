import { withoutCaptured as personalWithoutCaptured } from '../capture/without-captured.js';
import type { ExportedRecord } from './exported-record.js';

/** The record without what was captured of a call; of what policies read, all but its arguments. */
export function withoutCaptured(record: ExportedRecord): ExportedRecord {
  const { policyInput } = record.personal;
  const rest = policyInput === undefined ? undefined : withoutArguments(policyInput);
  const personal = personalWithoutCaptured(record.personal);
  return { ...record, personal: { ...personal, ...(rest === undefined ? {} : { policyInput: rest }) } };
}

/** Undefined for what is no JSON: nobody knows what it holds. */
function withoutArguments(policyInput: string): string | undefined {
  try {
    const { args: _args, ...rest } = JSON.parse(policyInput) as Record<string, unknown>;
    return JSON.stringify(rest);
  } catch {
    return undefined;
  }
}
