/** What an app tells about the agent that makes a call. Every text is the app's own word. */
export interface ReportedAgent {
  /** The app's id of the conversation that all of its agents belong to. */
  readonly session: string;
  /** Absent where the main agent of the conversation calls. */
  readonly id?: string;
  readonly type?: string;
  /** The agent that started this one; absent where the main one did. */
  readonly parent?: string;
  /** 0 for the main agent; absent where nobody knows who started it. */
  readonly depth?: number;
  readonly toolUse?: string;
  readonly prompt?: string;
}

/**
 * The claim `chain` of the bridge's DPoP proofs (RFC 9449 §4.2 leaves room for more claims): which process of the bridge
 * calls and what it was told about the agents in front of it. Signed by the key that the person's session is bound to.
 */
export interface AgentChain {
  /** A random id of this process of the bridge. */
  readonly bridge: string;
  /** The app that started it and its conversation, by the environment, which may be inherited from another. */
  readonly environment?: { readonly host: string; readonly session?: string };
  /** By a hook of the app, joined by the id of the tool use. */
  readonly hook?: ReportedAgent;
}

/** How sure a connection is: proved by a token, said by the person's own bridge, or only by the app. */
export const CHAIN_MARKS = ['verified', 'attested', 'claimed'] as const;
export type ChainMark = (typeof CHAIN_MARKS)[number];
