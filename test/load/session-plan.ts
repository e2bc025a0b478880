/** What one session of the load is. */
export interface SessionPlan {
  readonly kind: 'modern' | 'legacy' | 'bridge';
  readonly person: 'alice' | 'bob' | 'carol';
  /** The one server of its endpoint; undefined for all of them at `/mcp`. */
  readonly endpoint: string | undefined;
  /** Where it calls, each entry one call at a time. */
  readonly lanes: readonly string[];
  /** Keeps the GET stream of its session open. */
  readonly listens: boolean;
}

const modern = (endpoint: string | undefined, ...lanes: string[]): Omit<SessionPlan, 'person'> => {
  return { kind: 'modern', endpoint, lanes, listens: false };
};
const legacy = (endpoint: string | undefined, listens: boolean, ...lanes: string[]): Omit<SessionPlan, 'person'> => {
  return { kind: 'legacy', endpoint, lanes, listens };
};

/**
 * Twenty sessions; those after them are the same again. One call at a time goes to hosted and to HTTP+SSE servers of a
 * session, since over one channel nobody could say which of two calls a question belongs to.
 */
const PATTERN: readonly Omit<SessionPlan, 'person'>[] = [
  modern(undefined, 'modern', 'legacy'),
  legacy('legacy', true, 'legacy', 'legacy'),
  modern('sse', 'sse'),
  legacy('modern', false, 'modern', 'modern'),
  modern('hosted', 'hosted'),
  legacy('sse', true, 'sse'),
  modern('legacy', 'legacy', 'legacy'),
  legacy('hosted', true, 'hosted'),
  modern(undefined, 'modern', 'sse'),
  { kind: 'bridge', endpoint: undefined, lanes: ['modern', 'legacy', 'sse', 'hosted'], listens: true },
  modern('modern', 'modern', 'modern'),
  legacy(undefined, true, 'modern', 'legacy', 'sse', 'hosted'),
  modern(undefined, 'legacy', 'modern'),
  legacy('modern', false, 'modern', 'modern'),
  modern('legacy', 'legacy'),
  legacy('legacy', true, 'legacy'),
  modern('sse', 'sse'),
  legacy('sse', false, 'sse'),
  modern('modern', 'modern'),
  legacy('legacy', false, 'legacy', 'legacy'),
];
const PEOPLE = ['bob', 'carol', 'alice'] as const;
const MOST_BRIDGES = 5;

/** The first `count` sessions of the load. */
export function sessionPlans(count: number): SessionPlan[] {
  let bridges = 0;
  return Array.from({ length: count }, (_, index) => {
    const plan = PATTERN[index % PATTERN.length]!;
    const tooMany = plan.kind === 'bridge' && (bridges += 1) > MOST_BRIDGES;
    return { ...(tooMany ? PATTERN[0]! : plan), person: PEOPLE[index % PEOPLE.length]! };
  });
}
