import type { AuditSession, SessionEdge, SessionNode } from '#shared/api/audit-session.js';
import type { ChainMark } from '#shared/mcp/agent-chain.js';
import type { AgentCall } from './agent-call.js';
import { AgentParents, conversationKey } from './agent-parents.js';

/** One node on the way from a person to a call, with the mark of the edge that leads to it. */
interface Step extends Pick<SessionNode, 'kind' | 'ref' | 'label'> {
  readonly key: string;
  readonly mark: ChainMark;
}

/**
 * Calls, oldest first, as trees whose roots are the people. The root, its actors and the sign-in come from the token
 * alone; what is said of agents can only add nodes behind the sign-in that said it.
 */
export function sessionTree(calls: readonly AgentCall[]): Pick<AuditSession, 'nodes' | 'edges'> {
  const parents = new AgentParents(calls);
  const nodes = new Map<string, SessionNode>();
  const edges: SessionEdge[] = [];
  for (const call of calls) {
    const { entry } = call;
    const span = { start: entry.time, end: new Date(Date.parse(entry.time) + (entry.duration ?? 0)).toISOString() };
    let above: string | undefined;
    for (const { key, mark, kind, ref, label } of [...proved(call), ...said(call, parents), itself(call)]) {
      const known = nodes.get(key);
      const id = known?.id ?? (kind === 'call' ? entry.id : `n${nodes.size + 1}`);
      if (known === undefined && above !== undefined) edges.push({ from: above, to: id, mark });
      const end = known !== undefined && known.end > span.end ? known.end : span.end;
      const shown = known ?? {
        id,
        kind,
        ref,
        label,
        start: span.start,
        end,
        call: kind === 'call' ? callOf(call) : null,
      };
      nodes.set(key, { ...shown, end });
      above = id;
    }
  }
  return { nodes: [...nodes.values()], edges };
}

/** The person, who acts for them, the first first (RFC 8693 §4.1), and the sign-in. */
function proved({ entry: { person, actors, session, client } }: AgentCall): Step[] {
  const id = person?.id ?? null;
  const label = person?.email ?? person?.name ?? null;
  const steps: Step[] = [{ key: keyOf('person', id), kind: 'person', ref: id, label, mark: 'verified' }];
  for (const [index, actor] of actors.toReversed().entries()) {
    const behind = actors.slice(actors.length - 1 - index);
    steps.push({ key: keyOf('actor', id, ...behind), kind: 'actor', ref: actor, label: null, mark: 'verified' });
  }
  const signIn = { kind: 'session', ref: session, label: client?.id ?? null, mark: 'verified' } as const;
  return [...steps, { key: keyOf('session', id, session), ...signIn }];
}

/** What the bridge signed, and what it was told by a hook or by the app alone. */
function said(call: AgentCall, parents: AgentParents): Step[] {
  const { entry, agent } = call;
  const { bridge, host = null, session = null, source } = agent;
  const mark = markOf(source);
  const steps: Step[] = [];
  if (bridge !== undefined) {
    const signed = keyOf('bridge', entry.person?.id ?? null, entry.session, bridge);
    steps.push({ key: signed, kind: 'bridge', ref: bridge, label: null, mark: 'attested' });
  }
  if (source === undefined) return steps;
  const conversation = conversationKey(call);
  if (host !== null || session !== null) {
    steps.push({ key: keyOf('conversation', conversation), kind: 'conversation', ref: session, label: host, mark });
  }
  for (const { id, type = null } of parents.lineOf(call)) {
    steps.push({ key: keyOf('agent', conversation, id), kind: 'agent', ref: id, label: type, mark });
  }
  return steps;
}

function itself({ entry, agent }: AgentCall): Step {
  const { source, bridge } = agent;
  const mark = source === undefined ? (bridge === undefined ? 'verified' : 'attested') : markOf(source);
  return { key: keyOf('call', entry.id), kind: 'call', ref: entry.id, label: null, mark };
}

function markOf(source: AgentCall['agent']['source']): ChainMark {
  return source === 'hook' ? 'attested' : 'claimed';
}

function callOf({ entry, facts, agent }: AgentCall): NonNullable<SessionNode['call']> {
  const { type, server, target, decision, outcome, duration } = entry;
  const { trace = null, span = null, parentSpan = null } = facts;
  return { type, server, target, decision, outcome, duration, toolUse: agent.toolUse ?? null, trace, span, parentSpan };
}

function keyOf(kind: SessionNode['kind'], ...parts: readonly (string | null)[]): string {
  return JSON.stringify([kind, ...parts]);
}
