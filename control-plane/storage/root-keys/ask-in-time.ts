import { setTimeout as delay } from 'node:timers/promises';
import { SecretUnreadable } from '../../config/secret-reference.js';

const DEADLINE_MS = 10_000;

/**
 * Asks a key service, for at most ten seconds. What `isAnswer` knows passes as it is: the service was there, and refused
 * the bytes.
 * @throws SecretUnreadable naming the service and the kind of the error, never its text, which may hold what was sent.
 */
export async function askInTime<T>(
  service: string,
  ask: (signal: AbortSignal) => Promise<T>,
  isAnswer: (error: unknown) => boolean = () => false,
): Promise<T> {
  const limit = new AbortController();
  const late = delay(DEADLINE_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
    throw unasked(service, `no answer within ${DEADLINE_MS / 1000} s`);
  });
  try {
    return await Promise.race([ask(limit.signal), late]);
  } catch (error) {
    if (error instanceof SecretUnreadable || isAnswer(error)) throw error;
    throw unasked(service, kindOf(error));
  } finally {
    late.catch(() => undefined);
    limit.abort();
  }
}

function unasked(service: string, why: string): SecretUnreadable {
  return new SecretUnreadable(
    `${service} cannot be asked (${why})`,
    'check its address, our credentials there and our right to use the key; then start again',
  );
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? error.name;
}
