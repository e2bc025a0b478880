import type { Effect } from '../../config/settings.js';
import type { CallContext } from '../call-context.js';
import type { PolicyInput, PolicyTarget, Question } from '../decision.js';

/** A call on a Tuesday at noon, from the office, by a person at an unmanaged device. */
export const CONTEXT: CallContext = {
  now: Date.parse('2026-11-24T12:00:00Z'),
  address: '10.1.2.3',
  acr: null,
  amr: [],
  signedInAt: Date.parse('2026-11-24T11:00:00Z'),
  sessionKind: 'person',
  client: 'mcp-bridge',
  claimedClient: 'test',
  device: null,
  managedDevice: false,
  agents: [],
};

type ShortTarget = {
  readonly kind: PolicyTarget['kind'];
  readonly name: string;
  readonly effect?: Effect;
  readonly labels?: readonly string[];
  readonly reviewed?: boolean;
};
type Short = Pick<Question, 'person' | 'server'> &
  Partial<Omit<PolicyInput, 'target'>> & { readonly target: ShortTarget };

const PLAIN = { serverLabels: [], networks: [], grant: undefined };

/** A tool without more is reviewed, has no label, and destroys. */
export function inputOf(short: Short): PolicyInput {
  return { context: CONTEXT, args: {}, ...PLAIN, ...short, target: targetOf(short.target) };
}

function targetOf({ kind, name, effect = 'destroy', labels = [], reviewed = true }: ShortTarget): PolicyTarget {
  return kind === 'tool' ? { kind, name, effect, labels, reviewed } : { kind, name };
}

export function questionOf(short: Pick<Question, 'person' | 'server' | 'target'> & Partial<Question>): Question {
  return { context: CONTEXT, args: {}, ...short };
}
