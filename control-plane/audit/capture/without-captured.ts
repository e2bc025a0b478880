import type { RecordPersonal } from '../record.js';

/** The personal part without what was captured of arguments and results, which is for auditors alone. */
export function withoutCaptured(personal: RecordPersonal): RecordPersonal {
  const {
    arguments: _arguments,
    argumentsHash: _argumentsHash,
    policyInput: _policyInput,
    result: _result,
    resultHash: _resultHash,
    truncated: _truncated,
    ...others
  } = personal;
  return others;
}
