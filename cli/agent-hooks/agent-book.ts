import type { ReportedAgent } from '#shared/mcp/agent-chain.js';
import { BoundedBook } from './bounded-book.js';
import type { HookReport } from './hook-report.js';

const HOUR = 3_600_000;
/** A tool use may wait for the person's permission for as long. */
const TOOL_USES = { limit: 2_000, life: HOUR };
const AGENTS = { limit: 1_000, life: 24 * HOUR };
/** Between the tool use that starts a sub-agent and its start. */
const STARTS = { limit: 200, life: 300_000 };

interface ToolUse {
  readonly session: string;
  readonly agent: string | undefined;
  readonly type: string | undefined;
  readonly prompt: string | undefined;
}

/** `parent` is undefined where the main agent started it, and `depth` where nobody knows who did. */
interface Agent {
  readonly session: string;
  readonly type: string | undefined;
  readonly parent: string | undefined;
  readonly depth: number | undefined;
}

interface Start extends ToolUse {
  readonly id: string;
  readonly starts: string;
}

/**
 * Joins what the hooks of Claude Code tell: which agent makes which tool use, and who started that agent. No hook names the
 * parent of a sub-agent at its start, so it is the agent whose tool use asks for one of its type; where several agents do
 * at once it stays open until the tool use that started it has ended, and names it.
 */
export class AgentBook {
  readonly #toolUses: BoundedBook<ToolUse>;
  readonly #agents: BoundedBook<Agent>;
  readonly #starts: BoundedBook<Start>;

  constructor(now: () => number) {
    this.#toolUses = new BoundedBook(TOOL_USES.limit, TOOL_USES.life, now);
    this.#agents = new BoundedBook(AGENTS.limit, AGENTS.life, now);
    this.#starts = new BoundedBook(STARTS.limit, STARTS.life, now);
  }

  take(report: HookReport): void {
    const { event, session } = report;
    if (event === 'PreToolUse') this.#begin(report);
    else if (event === 'PostToolUse') this.#ended(report);
    else if (event === 'SubagentStart') this.#started(report);
    else if (event === 'SessionEnd') this.#forget(session);
  }

  /** Who makes this tool use; undefined where no hook said so. */
  find(id: string): ReportedAgent | undefined {
    const use = this.#toolUses.get(id);
    if (use === undefined) return undefined;
    const { session, agent, type, prompt } = use;
    const known = agent === undefined ? undefined : this.#agents.get(keyOf(session, agent));
    const depth = agent === undefined ? 0 : known?.depth;
    const shownType = type ?? known?.type;
    return {
      session,
      toolUse: id,
      ...(agent === undefined ? {} : { id: agent }),
      ...(shownType === undefined ? {} : { type: shownType }),
      ...(known?.parent === undefined ? {} : { parent: known.parent }),
      ...(depth === undefined ? {} : { depth }),
      ...(prompt === undefined ? {} : { prompt }),
    };
  }

  #begin({ session, agent, agentType: type, toolUse: id, prompt, starts }: HookReport): void {
    if (id === undefined) return;
    const use = { session, agent, type, prompt };
    this.#toolUses.set(id, use);
    if (starts !== undefined) this.#starts.set(id, { ...use, id, starts });
  }

  #started({ session, agent, agentType: type }: HookReport): void {
    if (agent === undefined) return;
    const key = keyOf(session, agent);
    const known = this.#agents.get(key);
    // A sub-agent that is resumed starts again.
    if (known?.depth !== undefined) this.#agents.set(key, { ...known, type: type ?? known.type });
    else this.#agents.set(key, { session, type, ...this.#parentOf(session, type) });
  }

  #parentOf(session: string, type: string | undefined): Pick<Agent, 'parent' | 'depth'> {
    const possible = this.#starts
      .values()
      .filter((start) => start.session === session && (start.starts === '' || start.starts === type));
    const parents = new Set(possible.map(({ agent }) => agent));
    const [first] = possible;
    if (first === undefined || parents.size > 1) return { parent: undefined, depth: undefined };
    this.#starts.delete(first.id);
    return this.#below(session, first.agent);
  }

  /** The host's own word: it may come before the start, where a sub-agent runs in the background. */
  #ended({ session, agent, toolUse, started }: HookReport): void {
    if (toolUse !== undefined) this.#starts.delete(toolUse);
    if (started === undefined || started === agent) return;
    const key = keyOf(session, started);
    const type = this.#agents.get(key)?.type;
    this.#agents.set(key, { session, type, ...this.#below(session, agent) });
  }

  #below(session: string, parent: string | undefined): Pick<Agent, 'parent' | 'depth'> {
    if (parent === undefined) return { parent, depth: 1 };
    const above = this.#agents.get(keyOf(session, parent))?.depth;
    return { parent, depth: above === undefined ? undefined : above + 1 };
  }

  #forget(session: string): void {
    const ofIt = (entry: { readonly session: string }): boolean => entry.session === session;
    for (const book of [this.#toolUses, this.#agents, this.#starts]) book.deleteWhere(ofIt);
  }
}

function keyOf(session: string, agent: string): string {
  return JSON.stringify([session, agent]);
}
