import { constants } from 'node:os';
import { CodedError } from '#shared/errors.js';

/** How programs die that get no more memory: by themselves (V8 aborts), or by the kernel. Others die so too. */
const BY_MEMORY = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGBUS', 'SIGKILL'] as const;

/** A shell or sandbox reports the signal of what ran in it as an exit code. */
const DEATHS = new Set<string>(BY_MEMORY.flatMap((name) => [name, `exit code ${128 + constants.signals[name]}`]));

/**
 * What whoever waits for a hosted server's answer hears of its end. `how`: a signal, `exit code N`, or why it could not be
 * started.
 */
export function serverEnded(how: string): CodedError {
  const why = DEATHS.has(how) ? ', as programs do that can get no more memory (memoryMiB is its limit)' : '';
  const message = `The MCP server crashed during the call${why}. It is not known whether it took effect.`;
  return new CodedError('outcome_unknown', { message, detail: `the server ended: ${how}` });
}
