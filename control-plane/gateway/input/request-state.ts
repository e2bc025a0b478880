import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { StorageService } from '../../storage/storage.service.js';
import { INPUT_BOUNDS } from './client-requests.js';

const PURPOSE = 'mcp-request-states';
const MAX_STATE = 1024 * 1024;
const MAX_USED = 100_000;

/** The request that a state belongs to: on the retry all of it must be the same. */
export interface StateBinding {
  /** The sign-in. */
  readonly session: string;
  readonly server: string;
  /** Keyed hash of method and parameters, without what a retry adds. */
  readonly request: string;
  /** Of the policies that permitted it. */
  readonly revision: string;
}

/** What the server has to get back, or where its call waits. */
export type HeldState =
  | { readonly kind: 'server'; readonly state: string }
  | { readonly kind: 'parked'; readonly id: string };

interface Sealed extends StateBinding {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly held: HeldState;
}

type Sealing = Pick<StorageService, 'seal' | 'open'>;

/**
 * `requestState` as clients get it (MCP 2026-07-28, multi round-trip requests: it comes back from an attacker): sealed,
 * bound to its request, for ten minutes and one use. Uses are remembered by this process.
 */
export class RequestStates {
  readonly #used = new Map<string, number>();

  constructor(
    private readonly sealing: Sealing,
    private readonly now: () => number = Date.now,
  ) {}

  seal(binding: StateBinding, held: HeldState): string {
    const { session, server, request, revision } = binding;
    const expiresAt = this.now() + INPUT_BOUNDS.wait;
    const sealed: Sealed = { session, server, request, revision, id: randomUUID(), expiresAt, held };
    return this.sealing.seal(PURPOSE, session, Buffer.from(JSON.stringify(sealed))).toString('base64url');
  }

  /** What a state holds, once. Throws `request_state_invalid`. */
  open(binding: StateBinding, state: string): HeldState {
    const sealed = this.#unseal(binding, state);
    const same =
      sealed?.session === binding.session &&
      sealed.server === binding.server &&
      sealed.request === binding.request &&
      sealed.revision === binding.revision;
    if (!same || sealed.expiresAt <= this.now() || this.#used.has(sealed.id)) {
      throw new CodedError('request_state_invalid');
    }
    this.#use(sealed);
    return sealed.held;
  }

  #unseal({ session }: StateBinding, state: string): Sealed | undefined {
    if (state.length > MAX_STATE) return undefined;
    try {
      const plain: unknown = JSON.parse(
        this.sealing.open(PURPOSE, session, Buffer.from(state, 'base64url')).toString(),
      );
      return isObject(plain) ? (plain as unknown as Sealed) : undefined;
    } catch {
      return undefined;
    }
  }

  #use({ id }: Sealed): void {
    for (const [used, until] of this.#used) {
      if (until > this.now()) break;
      this.#used.delete(used);
    }
    if (this.#used.size >= MAX_USED) throw new CodedError('rate_limited');
    this.#used.set(id, this.now() + INPUT_BOUNDS.wait);
  }
}
