import type { Readable, Writable } from 'node:stream';

const PARENT_CHECK = 2_000;
const INTERRUPTED = 130;

interface Watched {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** `process` in the product. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Id of the parent process now; it changes when the parent dies. */
  readonly parent: () => number;
}

/**
 * Resolves with the exit code when the AI app is gone or wants the bridge to end: stdin ends, closes or fails, stdout
 * breaks (EPIPE), a signal arrives, or the parent process dies while something else holds the pipes open.
 */
export function watchForEnd({ stdin, stdout, signals, parent }: Watched): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const gone = (): void => resolve(0);
  const interrupted = (): void => resolve(INTERRUPTED);
  const firstParent = parent();
  const check = setInterval(() => {
    if (parent() !== firstParent) gone();
  }, PARENT_CHECK).unref();
  for (const event of ['end', 'close', 'error']) stdin.on(event, gone);
  for (const event of ['close', 'error']) stdout.on(event, gone);
  for (const signal of ['SIGTERM', 'SIGHUP']) signals.on(signal, gone);
  signals.on('SIGINT', interrupted);
  if (stdin.readableEnded || stdin.destroyed || stdout.destroyed) gone();
  return promise.finally(() => {
    clearInterval(check);
    for (const signal of ['SIGTERM', 'SIGHUP']) signals.off(signal, gone);
    signals.off('SIGINT', interrupted);
  });
}
