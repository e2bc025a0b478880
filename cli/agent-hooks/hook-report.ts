import { isObject } from '#shared/mcp/json-rpc.js';
import { agentText } from '#shared/mcp/agent-text.js';

const EVENTS = ['PreToolUse', 'PostToolUse', 'SubagentStart', 'SubagentStop', 'SessionStart', 'SessionEnd'] as const;

/** What one hook of Claude Code says of its agents; nothing of what they do. */
export interface HookReport {
  readonly event: (typeof EVENTS)[number];
  readonly session: string;
  /** The sub-agent in which it happened; absent in the main agent. */
  readonly agent?: string;
  readonly agentType?: string;
  readonly toolUse?: string;
  readonly prompt?: string;
  /** The tool use starts a sub-agent of this type; empty where the tool chooses. */
  readonly starts?: string;
  /** The sub-agent that the tool use has started. */
  readonly started?: string;
}

/** The tool that starts sub-agents, by its present and its former name. */
const STARTING_TOOLS = new Set<unknown>(['Agent', 'Task']);

/** From the JSON that a hook gets on stdin (code.claude.com/docs/en/hooks); undefined where it is none that concerns us. */
export function hookReport(input: unknown): HookReport | undefined {
  if (!isObject(input)) return undefined;
  const event = EVENTS.find((known) => known === input['hook_event_name']);
  const session = agentText(input['session_id']);
  if (event === undefined || session === undefined) return undefined;
  const texts = {
    agent: agentText(input['agent_id']),
    agentType: agentText(input['agent_type']),
    toolUse: agentText(input['tool_use_id']),
    prompt: agentText(input['prompt_id']),
    ...(STARTING_TOOLS.has(input['tool_name']) ? startOf(event, input['tool_input'], input['tool_response']) : {}),
  };
  const known = Object.entries(texts).filter((entry) => entry[1] !== undefined);
  return { event, session, ...Object.fromEntries(known) };
}

/** The same after its way through the socket. */
export function readReport(text: string): HookReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { event, session, agent, agentType, toolUse, prompt, starts, started } = value;
  const read = hookReport({
    hook_event_name: event,
    session_id: session,
    agent_id: agent,
    agent_type: agentType,
    tool_use_id: toolUse,
    prompt_id: prompt,
  });
  if (read === undefined) return undefined;
  const child = agentText(started);
  return {
    ...read,
    ...(typeof starts === 'string' ? { starts: agentText(starts) ?? '' } : {}),
    ...(child === undefined ? {} : { started: child }),
  };
}

function startOf(event: HookReport['event'], input: unknown, response: unknown): Partial<HookReport> {
  if (event === 'PreToolUse') return { starts: agentText(isObject(input) ? input['subagent_type'] : undefined) ?? '' };
  const started = event === 'PostToolUse' && isObject(response) ? agentText(response['agentId']) : undefined;
  return started === undefined ? {} : { started };
}
