import type { LegacyClientSession } from './eras/legacy-session.js';

/** Ended sessions that are known by their id, of one sign-in. */
const PER_SIGN_IN = 256;

interface Ended {
  /** When each of them began. */
  readonly ids: Map<string, number>;
  /** Whatever began until then counts as ended. */
  until: number;
  readonly expiresAt: number;
}

/**
 * Sessions that legacy clients ended, until their sign-in does: an id that was ended never opens again in this process.
 * Where a sign-in has ended too many to know each, all of its sessions that are as old as the oldest of them go too.
 */
export class EndedSessions {
  readonly #signIns = new Map<string, Ended>();

  constructor(private readonly now: () => number = Date.now) {}

  add({ signIn, sid, beganAt, expiresAt }: LegacyClientSession): void {
    this.#forgetExpired();
    const ended = this.#signIns.get(signIn) ?? { ids: new Map<string, number>(), until: -Infinity, expiresAt };
    ended.ids.set(sid, beganAt);
    if (ended.ids.size > PER_SIGN_IN) ended.until = Math.min(...ended.ids.values());
    for (const [id, began] of ended.ids) if (began <= ended.until) ended.ids.delete(id);
    this.#signIns.set(signIn, ended);
  }

  has({ signIn, sid, beganAt }: LegacyClientSession): boolean {
    const ended = this.#signIns.get(signIn);
    return ended !== undefined && (beganAt <= ended.until || ended.ids.has(sid));
  }

  endSignIn(signIn: string): void {
    this.#signIns.delete(signIn);
  }

  #forgetExpired(): void {
    for (const [signIn, { expiresAt }] of this.#signIns) {
      if (expiresAt > this.now()) return;
      this.#signIns.delete(signIn);
    }
  }
}
