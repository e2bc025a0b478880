import { CLIENTS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../commands/context.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import type { Slot } from '../credential-store/saved-sign-in.js';
import { agentFor } from '../system/http.js';
import { ServerClock } from './server-clock.js';
import { revoke } from './token-endpoint.js';

export interface SignedOut {
  readonly origin: string;
  readonly client: string;
  /** False where the control plane could not be told, so that its session runs out by itself. */
  readonly revoked: boolean;
}

/** Ends the saved sign-ins at `origin`, or all of them: tells each control plane, and deletes in any case. */
export async function signOut(
  context: CommandContext,
  store: CredentialStore,
  origin: string | undefined,
): Promise<SignedOut[]> {
  const slots = (await store.slots()).filter((slot) => origin === undefined || slot.origin === origin);
  // The person's own session first; administration is a second sign-in.
  const ordered = slots.toSorted(
    (one, other) => Number(other.client === CLIENTS.bridge) - Number(one.client === CLIENTS.bridge),
  );
  return Promise.all(ordered.map((slot) => signOutOf(context, store, slot)));
}

async function signOutOf(context: CommandContext, store: CredentialStore, slot: Slot): Promise<SignedOut> {
  const { now, env } = context;
  const signIn = await store.read(slot);
  let revoked = false;
  if (signIn) {
    const agent = agentFor(slot.origin, env);
    try {
      await revoke({ slot, agent, clock: new ServerClock(now), now }, signIn);
      revoked = true;
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'network')) throw error;
    } finally {
      agent.destroy();
      await store.remove(slot);
    }
  }
  return { ...slot, revoked };
}
