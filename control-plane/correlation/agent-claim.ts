import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import { agentText } from '#shared/mcp/agent-text.js';
import type { RecordedAgent } from '../audit/recorded-agent.js';

export type AgentClaim = Omit<RecordedAgent, 'bridge' | 'source'>;

type Reader = (meta: JsonObject) => unknown;

const TURN = 'x-codex-turn-metadata';
const MAX_DEPTH = 99;

/** What each app puts into `_meta` by its own convention, the most telling first. */
const CONVENTIONS: readonly Reader[] = [
  ({ [META.chain]: chain }) =>
    isObject(chain) ? { ...chain, agent: chain['id'] ?? chain['agent'], agentType: chain['type'] } : undefined,
  ({ 'claudecode/toolUseId': toolUse }) => toolUse !== undefined && { host: 'claude-code', toolUse },
  ({ threadId, [TURN]: turn, turnId }) => codexClaim(threadId, isObject(turn) ? turn : { turn_id: turnId }),
  ({ 'vscode.conversationId': session, 'vscode.requestId': prompt }) =>
    session !== undefined && { host: 'vscode', session, prompt },
  ({ 'openai/session': session }) => session !== undefined && { host: 'chatgpt', session },
  ({ 'ai.opencode/sessionID': session }) => session !== undefined && { host: 'opencode', session },
  ({ 'antigravity.google/conversation_id': session }) => session !== undefined && { host: 'antigravity', session },
];

const TEXTS = ['host', 'session', 'agent', 'agentType', 'parent', 'toolUse', 'prompt'] as const;

/** The client's own claim about its agent; undefined where it makes none. Proves nothing. */
export function claimedAgent(meta: JsonObject): AgentClaim | undefined {
  for (const read of CONVENTIONS) {
    const claim = claimOf(read(meta));
    if (claim !== undefined) return claim;
  }
  return undefined;
}

/** Codex: sub-agents are threads of their own, which share the session's id with the thread that began it. */
function codexClaim(threadId: unknown, turn: JsonObject): object | undefined {
  const thread = turn['thread_id'] ?? threadId;
  const session = turn['session_id'] ?? thread;
  if (session === undefined) return undefined;
  const unlessRoot = (id: unknown): unknown => (id === session ? undefined : id);
  const agent = unlessRoot(thread);
  const above = agent === undefined ? undefined : unlessRoot(turn['parent_thread_id']);
  return { host: 'codex', session, agent, parent: above, prompt: turn['turn_id'] };
}

function claimOf(said: unknown): AgentClaim | undefined {
  if (!isObject(said)) return undefined;
  const texts = TEXTS.flatMap((key) => {
    const text = agentText(said[key]);
    return text === undefined ? [] : [[key, text] as const];
  });
  const depth = said['depth'];
  const known = typeof depth === 'number' && Number.isInteger(depth) && depth >= 0 && depth <= MAX_DEPTH;
  if (texts.every(([key]) => key === 'host')) return undefined;
  return { ...Object.fromEntries(texts), ...(known ? { depth } : {}) };
}
