import { explanationSchema, type ExplainedCall } from '#shared/api/explain.js';
import type { Played } from './chapter.js';
import type { Evidence } from './evidence.js';
import { expect } from './expect.js';
import type { Laptop } from './laptop.js';

/** A call that was not made at once, and what `mcp-sso policy explain` says of it. */
export interface Explained {
  readonly played: Played;
  readonly explanation: ExplainedCall;
  readonly details: NonNullable<ExplainedCall['details']>;
}

/** Asks, as dave, why each call of the walk was denied or held; rejects where the answer is not what decided. */
export async function explainDenials(dave: Laptop, all: readonly Played[], evidence: Evidence): Promise<Explained[]> {
  const explained: Explained[] = [];
  for (const [index, played] of all.entries()) {
    const entry = evidence.entries[index];
    if (entry?.decision !== 'deny') continue;
    const explanation = explanationSchema.parse(JSON.parse(await dave.ask('policy', 'explain', entry.id, '--json')));
    explained.push({ played, explanation, details: checked(played, explanation, entry.policies) });
  }
  return explained;
}

function checked(
  { person, scene }: Played,
  { outcome, details }: ExplainedCall,
  policies: readonly string[],
): Explained['details'] {
  const what = `policy explain of ${person} → ${scene.tool}`;
  expect(details !== null, `${what} hides the policies from dave`);
  expect(outcome === (scene.shown === 'waits' ? 'approval' : 'deny'), `${what} says ${outcome}`);
  expect(details.policies.join() === policies.join(), `${what} names ${details.policies.join()}`);
  expect(policies.length > 0 || details.nearest.length > 0, `${what} names no permit that comes near`);
  return details;
}
