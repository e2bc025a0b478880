import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Effect } from '../config/settings.js';
import type { ApprovalDemand } from './approval-demand.js';
import type { CallContext } from './call-context.js';
import type { StepUpDemand } from './step-up.js';

/** What the gateway asks. The rest of what policies can read (effects, labels, reviews, grants) is the policy's own to know. */
export interface Question {
  readonly person: { readonly id: string; readonly groups: readonly string[] };
  readonly server: string;
  readonly target: {
    readonly kind: PolicyTarget['kind'];
    readonly name: string;
    /** Assumed for a tool that stands for all of its effect, where nothing was listed yet. */
    readonly effect?: Effect;
  };
  readonly context: CallContext;
  /**
   * Of the call, as parsed. Undefined where nobody calls yet, as in lists: then what depends on arguments counts as
   * permitted, and a `forbid` that depends on them as not applying.
   */
  readonly args: JsonObject | undefined;
}

/** What is decided about, with all that policies can read: plain data, so that a decision can be replayed. */
export interface PolicyInput extends Omit<Question, 'target'> {
  readonly target: PolicyTarget;
  /** Labels of the server, by the admin's word. */
  readonly serverLabels: readonly string[];
  /** Names of the settings' networks that the client's address is in. */
  readonly networks: readonly string[];
  /** A live grant that covers it. */
  readonly grant: GrantUse | undefined;
}

export interface GrantUse {
  readonly id: string; // gra_…
  /** `break-glass` was taken by the person themselves; it also lifts each `forbid` that is not marked `@lock("true")`. */
  readonly kind: 'grant' | 'break-glass';
}

export type PolicyTarget =
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly effect: Effect;
      readonly labels: readonly string[];
      /** False while its definition waits for a reviewer. */
      readonly reviewed: boolean;
    }
  | { readonly kind: 'resource'; readonly name: string }
  | { readonly kind: 'prompt'; readonly name: string }
  /** Any other request or notification of MCP or of an extension. */
  | { readonly kind: 'method'; readonly name: string };

export interface Decision {
  readonly outcome: 'allow' | 'deny';
  /** Ids of the determining policies; empty when none permits. */
  readonly policies: readonly string[];
  /** One public sentence: the deciding policy's @reason, or that no policy permits it. */
  readonly reason: string;
  /** SHA-256 (hex) of the policy set that decided. */
  readonly revision: string;
  /** Number of the catalog revision in force, where it has one. */
  readonly catalogRevision?: number;
  /** True where evaluation itself failed and the denial is our own. */
  readonly failed: boolean;
  /** A denial that no permission would change: the tool is held back, or its arguments cannot be judged. */
  readonly held?: true;
  /** What an `allow` demands of the sign-in behind the call; absent where any will do. */
  readonly stepUp?: StepUpDemand;
  /** Whose approval an `allow` demands; absent where none is needed. */
  readonly approval?: ApprovalDemand;
  /** A denial that ends with the person's own connection to the server. */
  readonly connection?: true;
  /** The grant without which it would have been denied, or would have demanded more. */
  readonly grant?: GrantUse;
}

/** A decision with what it was made of, so that it can be made again. */
export interface Judgement {
  readonly decision: Decision;
  /** Undefined where nothing was in force to decide by. */
  readonly input: PolicyInput | undefined;
}
