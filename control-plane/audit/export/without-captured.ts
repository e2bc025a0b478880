import type { ExportedRecord } from './exported-record.js';

/** The record without what a call was given and what it gave: arguments, as captured or as a policy read them, and results. */
export function withoutCaptured(record: ExportedRecord): ExportedRecord {
  const { arguments: _arguments, result: _result, policyInput, ...personal } = record.personal;
  const rest = policyInput === undefined ? undefined : withoutArguments(policyInput);
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
