import type { CredentialStore } from '../credential-store/credential-store.js';
import type { Slot } from '../credential-store/saved-sign-in.js';

const INTERVAL = 1_000;

/** Calls back each time a new sign-in appears in the slot, by this process or another. Returns the way to stop. */
export function watchStore(store: () => Promise<CredentialStore>, slot: Slot, listener: () => void): () => void {
  let seen: { stamp: string; refreshToken: string | undefined } | undefined;
  let busy = false;

  const look = async (): Promise<void> => {
    const opened = await store();
    const stamp = await opened.stamp();
    if (seen?.stamp === stamp) return;
    const refreshToken = (await opened.read(slot))?.refreshToken;
    const appeared = seen !== undefined && refreshToken !== undefined && refreshToken !== seen.refreshToken;
    seen = { stamp, refreshToken };
    if (appeared) listener();
  };

  const tick = (): void => {
    if (busy) return;
    busy = true;
    // A locked keychain may be unlocked later: what fails now is looked at again.
    look()
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  };

  tick();
  const timer = setInterval(tick, INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}
