import { CodedError } from '#shared/errors.js';

/** Runs a step that must not take longer than `milliseconds`; after that it is aborted and `upstream_timeout` thrown. */
export async function withDeadline<T>(
  signal: AbortSignal,
  milliseconds: number,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const stop = (reason: unknown): void => {
    late.reject(reason);
    controller.abort(reason);
  };
  const timer = setTimeout(
    () => stop(new CodedError('upstream_timeout', { message: 'The MCP server did not answer in time.' })),
    milliseconds,
  );
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([step(controller.signal), late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
