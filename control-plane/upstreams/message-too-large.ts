import type { CodedError } from '#shared/errors.js';
import { overLimit } from '../config/limits.js';

/** A message that has to be held whole and is too large for it. Whose answer it was can't be told from a part of it. */
export function messageTooLarge(limit: number): CodedError {
  const what = `A message of the MCP server is larger than ${limit} bytes`;
  return overLimit('upstream_invalid', 'messageBytes', what, 'Ask for less.');
}
