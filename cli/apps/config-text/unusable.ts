import { CodedError } from '#shared/errors.js';

/** A config file that is not touched, and why; `what` alone is the detail. */
export function unusable(file: string, what: string): CodedError {
  return new CodedError('config_invalid', {
    message: `${file} was left as it is: ${what}. Correct it, then try again.`,
    detail: what,
  });
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, Math.min(offset, text.trimEnd().length)).split('\n').length;
}
