import type { CodedError } from '#shared/errors.js';
import { overLimit } from '../config/limits.js';

/** A server that let the time for its answer pass. */
export function tooSlow(key: 'firstByteSeconds' | 'idleSeconds', milliseconds: number): CodedError {
  const how = key === 'idleSeconds' ? 'fell silent in its answer for' : 'did not begin to answer within';
  const what = `The MCP server ${how} ${milliseconds / 1_000} s`;
  return overLimit('upstream_timeout', key, what, 'It is not known whether the call took effect.');
}
