import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { AgentChain, ChainMark, ReportedAgent } from '#shared/mcp/agent-chain.js';
import type { RecordedAgent } from '../audit/recorded-agent.js';
import { claimedAgent, type AgentClaim } from './agent-claim.js';

export interface AgentOnRecord {
  readonly mark: ChainMark;
  readonly agent: RecordedAgent;
}

/**
 * What is known of the agent behind a request, with the weakest mark of its chain: a hook's report that the bridge signed is
 * attested, a message's word is a claim whatever else was proved, and so is the environment's, which may be inherited.
 * @param signed what the bridge's proof says
 * @param delegated whether the token itself names who acts for the person (RFC 8693 §4.1)
 */
export function agentOf(
  meta: JsonObject,
  signed: AgentChain | undefined,
  delegated: boolean,
): AgentOnRecord | undefined {
  const bridge = signed === undefined ? {} : { bridge: signed.bridge };
  if (signed?.hook) {
    const agent = { ...bridge, host: HOOK_HOST, ...reported(signed.hook), source: 'hook' } as const;
    return { mark: 'attested', agent };
  }
  const claim = claimedAgent(meta);
  const { environment } = signed ?? {};
  if (claim === undefined && environment === undefined) return withoutClaims(signed, delegated);
  const source = saysWho(claim) || environment === undefined ? 'message' : 'environment';
  const said = source === 'message' ? claim : { ...environment, ...claim };
  return { mark: 'claimed', agent: { ...bridge, ...said, source } };
}

/** The only app that has hooks which reach the bridge. */
const HOOK_HOST = 'claude-code';

function withoutClaims(signed: AgentChain | undefined, delegated: boolean): AgentOnRecord | undefined {
  if (signed !== undefined) return { mark: 'attested', agent: { bridge: signed.bridge } };
  return delegated ? { mark: 'verified', agent: {} } : undefined;
}

/** A bare id of a tool use leaves the conversation open, which the environment may tell. */
function saysWho(claim: AgentClaim | undefined): boolean {
  return claim?.session !== undefined || claim?.agent !== undefined;
}

function reported({ session, id, type, parent, depth, toolUse, prompt }: ReportedAgent): RecordedAgent {
  return {
    session,
    ...(id === undefined ? {} : { agent: id }),
    ...(type === undefined ? {} : { agentType: type }),
    ...(parent === undefined ? {} : { parent }),
    ...(depth === undefined ? {} : { depth }),
    ...(toolUse === undefined ? {} : { toolUse }),
    ...(prompt === undefined ? {} : { prompt }),
  };
}
