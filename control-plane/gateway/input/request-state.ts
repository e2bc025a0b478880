import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { Parts } from '../parts.js';
import { INPUT_WAIT } from './client-requests.js';
import { UsedStates, type AnsweringBounds } from './used-states.js';

const PURPOSE = 'mcp-request-states';
const MAX_STATE = 1024 * 1024;

/** The request that a state belongs to: on the retry all of it must be the same. */
export interface StateBinding {
  /** The sign-in. */
  readonly session: string;
  readonly server: string;
  /** Keyed hash of method and parameters, without what a retry adds. */
  readonly request: string;
  /** `boundRevision` of what permitted it. */
  readonly revision: string;
}

/** What the server has to get back, or where its call waits. */
export type HeldState =
  | { readonly kind: 'server'; readonly state: string }
  | { readonly kind: 'parked'; readonly id: string }
  /** The server refused the request until the person has opened this many addresses. */
  | { readonly kind: 'urls'; readonly count: number };

interface Sealed extends StateBinding {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly held: HeldState;
}

/** Names the policies and the settings of a server under which a call was permitted. */
export function boundRevision(
  { audit, servers }: Pick<Parts, 'audit' | 'servers'>,
  server: string,
  policies: string,
): string {
  return audit.hashArguments({ policies, settings: servers[server] });
}

type Sealing = Pick<StorageService, 'seal' | 'open'>;

/**
 * `requestState` as clients get it (MCP 2026-07-28, multi round-trip requests: it comes back from an attacker): sealed,
 * bound to its request, for ten minutes and one use. Uses are remembered by this process.
 */
export class RequestStates {
  readonly #used: UsedStates;

  constructor(
    private readonly sealing: Sealing,
    bounds: AnsweringBounds,
    private readonly now: () => number = Date.now,
  ) {
    this.#used = new UsedStates(bounds, now);
  }

  seal(binding: StateBinding, held: HeldState): string {
    const { session, server, request, revision } = binding;
    const expiresAt = this.now() + INPUT_WAIT;
    const sealed: Sealed = { session, server, request, revision, id: randomUUID(), expiresAt, held };
    return this.sealing.seal(PURPOSE, session, Buffer.from(JSON.stringify(sealed))).toString('base64url');
  }

  /**
   * What a state holds, once. Throws `request_state_invalid`, `rate_limited`, and `outcome_unknown` where the call it
   * belongs to was sent.
   */
  open(person: string, binding: StateBinding, state: string): HeldState {
    const sealed = this.#unseal(binding, state);
    const same =
      sealed?.session === binding.session && sealed.server === binding.server && sealed.request === binding.request;
    if (!same) throw new CodedError('request_state_invalid');
    if (sealed.revision !== binding.revision || sealed.expiresAt <= this.now() || this.#used.has(sealed.id)) {
      throw sealed.held.kind === 'parked' ? over() : new CodedError('request_state_invalid');
    }
    this.#used.add(person, sealed.id);
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
}

function over(): CodedError {
  return new CodedError('outcome_unknown', {
    message:
      'The call that waited for this answer has ended: it was answered already, it waited too long, or its server or policy changed. It is not known whether it took effect.',
  });
}
