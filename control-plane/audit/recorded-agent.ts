/** The agent behind a request as the record keeps it. Every text is its app's word, whoever passed it on. */
export interface RecordedAgent {
  /** The process of the bridge, where one has signed for itself. */
  readonly bridge?: string;
  readonly host?: string;
  /** The app's own id of its conversation. */
  readonly session?: string;
  /** Absent where the main agent of the conversation called. */
  readonly agent?: string;
  readonly agentType?: string;
  /** The agent that started it; absent where the main one did. */
  readonly parent?: string;
  /** 0 for the main agent; absent where nobody said who started it. */
  readonly depth?: number;
  readonly toolUse?: string;
  readonly prompt?: string;
  /** Who said all of it but `bridge`: a hook of the app, the environment of the bridge, or the message alone. */
  readonly source?: 'hook' | 'environment' | 'message';
}
