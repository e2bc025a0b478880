import type { StreamedCall } from './streamed-call.js';

/** One of the many: an AI app with a sign-in of its own. */
export interface LoadSession {
  readonly name: string;
  /** Sessions, streams and processes of upstreams that spoke to it; nobody else may hear of them. */
  readonly homes: Set<string>;
  /** What it heard that belongs to no call of its own. */
  readonly stray: string[];
  /** Makes the call and hears it to its end; never rejects. */
  make(call: StreamedCall): Promise<void>;
  /** Ends as an app does. */
  close(): Promise<void>;
  /** Ends its sign-in. */
  signOut(): Promise<void>;
}
