/**
 * Runs of `work` one after the other. A call while one runs is answered by one further run, which begins after it and
 * so sees whatever the caller knows of. `work` must not reject.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      return (running = work());
    });
    return next;
  };
}
