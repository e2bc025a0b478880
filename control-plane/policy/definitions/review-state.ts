/** `superseded`: it was accepted, and the lock file of the revision in force does not name it. */
export type ReviewState = 'accepted' | 'pending' | 'rejected' | 'superseded';

/** What is stored of a definition; `superseded` is only ever concluded. */
export type StoredState = Exclude<ReviewState, 'superseded'>;

/** When definitions of a server wait for a reviewer, and which ones the lock file names. */
export interface ReviewRules {
  readonly review: 'first-use' | 'required';
  /** Hashes (hex) by tool; undefined where no lock file names the server. */
  readonly locked: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/** Every definition of a tool that is stored, by hash, and which of them the server gave last. */
export interface SeenTool {
  readonly states: ReadonlyMap<string, StoredState>;
  readonly last: string;
}

/** Where a lock file names the server, it alone says what is accepted; a reviewer can still refuse what it does not name. */
export function stateOf(
  tool: string,
  sha256: string,
  stored: StoredState | undefined,
  { locked }: Pick<ReviewRules, 'locked'>,
): ReviewState {
  if (locked === undefined) return stored ?? 'pending';
  if (locked.get(tool)?.has(sha256) === true) return 'accepted';
  return stored === 'accepted' ? 'superseded' : (stored ?? 'pending');
}

/** Whether a tool may be shown and called: none of its definitions waits, and the one seen last is accepted. */
export function isReviewed(tool: string, tools: ReadonlyMap<string, SeenTool>, rules: ReviewRules): boolean {
  const seen = tools.get(tool);
  if (seen === undefined) return unseenIsReviewed(tool, tools, rules);
  const states = [...seen.states].map(([sha256, stored]) => stateOf(tool, sha256, stored, rules));
  return !states.includes('pending') && stateOf(tool, seen.last, seen.states.get(seen.last), rules) === 'accepted';
}

function unseenIsReviewed(
  tool: string,
  tools: ReadonlyMap<string, SeenTool>,
  { review, locked }: ReviewRules,
): boolean {
  if (locked !== undefined) return locked.has(tool);
  return review === 'first-use' && tools.size === 0;
}
