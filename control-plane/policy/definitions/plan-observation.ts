import type { Definition } from './definition.js';
import type { ReviewRules, SeenTool, StoredState } from './review-state.js';
import { stateOf } from './review-state.js';

/** Of one tool; what a server shows beyond them is held back without being kept. */
export const BOUNDS = { pending: 20, rejected: 20, tools: 10_000 } as const;

export interface NewDefinition {
  readonly definition: Definition;
  readonly state: StoredState;
  /** Who decided, where nobody has to. */
  readonly decidedBy: 'first-use' | 'lock' | null;
}

/** What has to be stored because a server showed these definitions. */
export interface Observation {
  readonly added: readonly NewDefinition[];
  /** Stored before, accepted by the lock file now. */
  readonly locked: readonly Definition[];
  /** Seen before, and not the one that was seen last. */
  readonly again: readonly Definition[];
}

/** `known`: what is stored of the server; empty before its first list. */
export function planObservation(
  shown: readonly Definition[],
  known: ReadonlyMap<string, SeenTool>,
  rules: ReviewRules,
): Observation {
  const added: NewDefinition[] = [];
  const locked: Definition[] = [];
  const again: Definition[] = [];
  const first = known.size === 0 && rules.review === 'first-use' && rules.locked === undefined;
  let tools = known.size;
  for (const definition of shown) {
    const { tool, sha256, tooLong } = definition;
    const seen = known.get(tool);
    const stored = seen?.states.get(sha256);
    const byLock = rules.locked?.get(tool)?.has(sha256) === true;
    if (stored !== undefined) {
      if (byLock && stored !== 'accepted') locked.push(definition);
      if (seen !== undefined && isNews(definition, seen, rules)) again.push(definition);
    } else if (byLock || hasRoom(seen, tools)) {
      tools += seen === undefined ? 1 : 0;
      const decidedBy = byLock ? 'lock' : first && !tooLong ? 'first-use' : null;
      added.push({ definition, state: decidedBy === null ? 'pending' : 'accepted', decidedBy });
    }
  }
  return { added, locked, again };
}

/** Which one was seen last matters only where the two are judged otherwise, and nothing holds the tool back anyway. */
function isNews({ tool, sha256 }: Definition, { states, last }: SeenTool, rules: ReviewRules): boolean {
  if (last === sha256 || [...states.values()].includes('pending')) return false;
  const judged = (hash: string): string => stateOf(tool, hash, states.get(hash), rules);
  return (judged(last) === 'accepted') !== (judged(sha256) === 'accepted');
}

/** A tool that has no row is unknown, and so held back, once its server was listed. */
function hasRoom(seen: SeenTool | undefined, tools: number): boolean {
  if (seen === undefined) return tools < BOUNDS.tools;
  return [...seen.states.values()].filter((state) => state === 'pending').length < BOUNDS.pending;
}
