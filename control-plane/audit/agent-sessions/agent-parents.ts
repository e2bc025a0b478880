import type { RecordedAgent } from '../recorded-agent.js';
import type { AgentCall } from './agent-call.js';

export interface KnownAgent {
  readonly id: string;
  readonly type: string | undefined;
  readonly parent: string | undefined;
  /** Whether it is known who started it. */
  readonly placed: boolean;
}

/** Who started whom, in one conversation of one process; what an app claims is kept apart from what a hook reported. */
export class AgentParents {
  readonly #agents = new Map<string, KnownAgent>();

  constructor(calls: readonly AgentCall[]) {
    for (const call of calls) this.#learn(call);
  }

  /** The agent that made the call with all above it, the outermost first; empty where the main agent made it. */
  lineOf(call: AgentCall): KnownAgent[] {
    const { agent } = call.agent;
    const line: KnownAgent[] = [];
    const seen = new Set<string>();
    // A claim may name parents in a circle.
    for (let id = agent; id !== undefined && !seen.has(id); id = line[0]?.parent) {
      seen.add(id);
      line.unshift(this.#agents.get(keyOf(call, id)) ?? { id, type: undefined, parent: undefined, placed: false });
    }
    return line;
  }

  /** A later record knows better: hooks may name the parent after the agent's first calls. */
  #learn(call: AgentCall): void {
    const { agent: id, agentType: type, parent, depth } = call.agent;
    if (id === undefined) return;
    const key = keyOf(call, id);
    const before = this.#agents.get(key);
    const placed = depth !== undefined || parent !== undefined;
    const known = placed ? { parent, placed } : { parent: before?.parent, placed: before?.placed ?? false };
    this.#agents.set(key, { id, type: type ?? before?.type, ...known });
  }
}

/** Of the conversation that a call belongs to; nobody else's claim can reach into it. */
export function conversationKey({ entry, agent }: AgentCall): string {
  const { bridge, host, session, source } = agent;
  return JSON.stringify([entry.person?.id, entry.session, bridge, source === 'hook', host, session]);
}

function keyOf(call: AgentCall, agent: NonNullable<RecordedAgent['agent']>): string {
  return JSON.stringify([conversationKey(call), agent]);
}
