import type { Settings } from '../config/settings.js';
import type { GrantUse, PolicyInput, PolicyTarget, Question } from './decision.js';
import { effectOf } from './effects.js';
import { networksOf } from './networks.js';
import type { PolicyFacts } from './policy-facts.js';

/** The question with all that policies can read, under these settings and at this moment. */
export function resolveQuestion(
  question: Question,
  settings: Pick<Settings, 'servers' | 'networks'>,
  facts: PolicyFacts,
): PolicyInput {
  const { person, server, target, context } = question;
  const configured = Object.hasOwn(settings.servers, server) ? settings.servers[server] : undefined;
  return {
    ...question,
    target: targetOf(question, settings, facts),
    serverLabels: configured?.labels ?? [],
    networks: networksOf(context.address, settings.networks),
    grant: grantOf(facts.grantFor(person.id, server, target, context.now), context),
  };
}

/** Access in an emergency is taken by a person themselves: whoever acts for them has what it permits, and no `forbid` gives way to it. */
function grantOf(grant: GrantUse | undefined, { agents }: Question['context']): GrantUse | undefined {
  return grant?.kind === 'break-glass' && agents.length > 0 ? { ...grant, kind: 'grant' } : grant;
}

function targetOf(
  { server, target: { kind, name, effect } }: Question,
  settings: Pick<Settings, 'servers'>,
  facts: PolicyFacts,
): PolicyTarget {
  if (kind !== 'tool') return { kind, name };
  // It stands for tools that nobody has seen, so there is nothing to review yet.
  if (effect !== undefined) return { kind, name, effect, labels: [], reviewed: true };
  return {
    kind,
    name,
    effect: effectOf(settings, server, name),
    labels: labelsOf(settings, server, name),
    reviewed: facts.isReviewed(server, name),
  };
}

function labelsOf(settings: Pick<Settings, 'servers'>, server: string, tool: string): readonly string[] {
  const tools = Object.hasOwn(settings.servers, server) ? settings.servers[server]?.tools : undefined;
  return (tools !== undefined && Object.hasOwn(tools, tool) ? tools[tool]?.labels : undefined) ?? [];
}
