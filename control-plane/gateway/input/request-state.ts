import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { AwaitedKind } from '#shared/mcp/meta.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { StorageService } from '../../storage/storage.service.js';
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
  | { readonly kind: 'urls'; readonly count: number }
  /** Nothing has left yet: the call waits for this, as the record `reference` says. */
  | { readonly kind: AwaitedKind; readonly id: string; readonly reference: string };

export interface OpenedState {
  readonly held: HeldState;
  /** By which the call goes on: its earlier rounds have used it. */
  readonly approval: UsedApproval | undefined;
}

interface Sealed extends StateBinding {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly held: HeldState;
  readonly approval?: UsedApproval;
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

  seal(binding: StateBinding, held: HeldState, approval?: UsedApproval): string {
    const { session, server, request, revision } = binding;
    const expiresAt = this.now() + INPUT_WAIT;
    const sealed: Sealed = {
      session,
      server,
      request,
      revision,
      id: randomUUID(),
      expiresAt,
      held,
      ...(approval ? { approval } : {}),
    };
    return this.sealing.seal(PURPOSE, session, Buffer.from(JSON.stringify(sealed))).toString('base64url');
  }

  /** What a state holds, without using it, also of one that is over. Throws `request_state_invalid` where it belongs elsewhere. */
  peek(binding: StateBinding, state: string): OpenedState {
    const { held, approval } = this.#own(binding, state);
    return { held, approval };
  }

  /**
   * What a state holds, once. Throws `request_state_invalid`, `rate_limited`, and `outcome_unknown` where the call it
   * belongs to was sent.
   */
  open(person: string, binding: StateBinding, state: string): HeldState {
    const sealed = this.#own(binding, state);
    const ended = this.#endOf(sealed, binding);
    if (ended !== undefined) throw sealed.held.kind === 'parked' ? over(ended) : invalid(ended);
    this.#used.add(person, sealed.id);
    return sealed.held;
  }

  #own(binding: StateBinding, state: string): Sealed {
    const sealed = this.#unseal(binding, state);
    if (sealed?.session !== binding.session) throw invalid('was changed on its way, or belongs to another sign-in');
    if (sealed.server !== binding.server) throw invalid('belongs to another MCP server');
    if (sealed.request !== binding.request) throw invalid('belongs to another request');
    return sealed;
  }

  /** Why a state is over that was good once. */
  #endOf({ id, revision, expiresAt }: Sealed, binding: StateBinding): string | undefined {
    if (this.#used.has(id)) return 'was used already';
    if (expiresAt <= this.now()) return 'has expired';
    return revision === binding.revision ? undefined : 'was made before the server or the policies changed';
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

function invalid(why: string): CodedError {
  const message = `The state of this request ${why}. Make the call again from the start.`;
  return new CodedError('request_state_invalid', { message });
}

function over(why: string): CodedError {
  const message = `The call that waited for this answer has ended: its state ${why}. It is not known whether it took effect.`;
  return new CodedError('outcome_unknown', { message });
}
