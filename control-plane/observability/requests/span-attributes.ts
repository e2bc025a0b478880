import { isServerFault } from './failure.js';
import type { Failure, ObservedRequest } from './observed-request.js';

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * Names of the OpenTelemetry conventions for MCP and GenAI (status: development), and `mcp_sso.*` for what they have no name
 * for: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 * `gen_ai.tool.call.arguments`, `gen_ai.tool.call.result`, `mcp.resource.uri` and `gen_ai.prompt.variable.*` are left out:
 * they hold what people work with.
 */
function operation({ method, target, server, requestId }: ObservedRequest): Attributes {
  return present({
    'mcp.method.name': method,
    'gen_ai.operation.name': method === 'tools/call' ? 'execute_tool' : undefined,
    'gen_ai.tool.name': target?.kind === 'tool' ? target.name : undefined,
    'gen_ai.prompt.name': target?.kind === 'prompt' ? target.name : undefined,
    'jsonrpc.request.id': requestId,
    'mcp_sso.server': server,
  });
}

/** Of the span between the client and us. */
export function serverAttributes(request: ObservedRequest): Attributes {
  const { protocolVersion, sessionId, httpVersion, clientAddress, decision, policies, record, failure } = request;
  return {
    ...operation(request),
    ...present({
      'mcp.protocol.version': protocolVersion,
      'mcp.session.id': sessionId,
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'network.protocol.version': httpVersion,
      'client.address': clientAddress,
      'mcp_sso.decision': decision,
      'mcp_sso.policy.ids': policies,
      'mcp_sso.audit.record': record,
      'error.type': failure && isServerFault(failure) ? failure.type : undefined,
    }),
    ...failed(failure),
  };
}

/** Of the span between us and the MCP server. */
export function clientAttributes(request: ObservedRequest): Attributes {
  const { upstream, upstreamFailure } = request;
  return {
    ...operation(request),
    ...present({
      'network.transport': upstream?.transport,
      'network.protocol.name': upstream?.transport === 'tcp' ? 'http' : undefined,
      'server.address': upstream?.address,
      'server.port': upstream?.port,
      'error.type': upstreamFailure?.type,
    }),
    ...failed(upstreamFailure),
  };
}

function failed(failure: Failure | undefined): Attributes {
  return present({ 'rpc.response.status_code': failure?.status, 'mcp_sso.error.code': failure?.code });
}

function present(attributes: Readonly<Record<string, Attributes[string] | undefined>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
