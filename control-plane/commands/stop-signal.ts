const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const INTERRUPTED = 130;

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once, whatever is under way. */
export function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    resolve();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return promise;
}
