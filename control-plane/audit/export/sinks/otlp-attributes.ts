import type { RecordFacts } from '../../record.js';
import type { ExportedRecord } from '../exported-record.js';
import { targetOf } from '../target-of.js';

type Attributes = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** What the target of a record is, by its type. */
const OF_TARGET: Readonly<Record<string, (target: string | undefined) => Attributes>> = {
  'tool.call': (target) => ({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': target,
  }),
  'resource.read': (target) => ({ 'mcp.method.name': 'resources/read', 'mcp.resource.uri': target }),
  'prompt.get': (target) => ({ 'mcp.method.name': 'prompts/get', 'gen_ai.prompt.name': target }),
  'method.use': (target) => ({ 'mcp.method.name': target }),
  list: (target) => ({ 'mcp.method.name': target }),
};

/**
 * By the semantic conventions for MCP and generative AI (github.com/open-telemetry/semantic-conventions-genai, in development) and
 * the general ones; what they have no name for is below `mcp_sso`. `log.record.uid` tells a repetition.
 */
export function attributesOf({ idx, header, personal }: ExportedRecord): Attributes {
  const facts = header.facts as RecordFacts;
  return {
    'log.record.uid': header.id,
    ...OF_TARGET[header.type]?.(targetOf(facts, personal)),
    'mcp.protocol.version': facts.protocol,
    'jsonrpc.request.id': personal.requestId,
    'session.id': facts.session,
    'user.id': facts.person,
    'user.email': personal.email,
    'user.full_name': personal.name,
    'enduser.id': facts.person,
    'client.address': personal.address,
    'client.port': personal.port,
    'user_agent.original': personal.userAgent,
    'error.type': facts.outcome === 'tool_error' ? 'tool_error' : facts.code,
    'mcp_sso.record.index': idx,
    'mcp_sso.record.type': header.type,
    'mcp_sso.record.phase': header.phase,
    'mcp_sso.record.intent': header.ref,
    'mcp_sso.client': facts.client,
    'mcp_sso.server': facts.server,
    'mcp_sso.server.host': facts.serverHost,
    'mcp_sso.server.transport': facts.transport,
    'mcp_sso.credential': facts.credential,
    'mcp_sso.issuer': personal.issuer,
    'mcp_sso.subject': personal.subject,
    'mcp_sso.decision': facts.decision,
    'mcp_sso.policy.ids': facts.policies,
  };
}
