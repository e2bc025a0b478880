import type { IncomingHttpHeaders } from 'node:http';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { RecordFacts, RecordPersonal } from '../audit/record.js';
import type { Caller } from '../identity/caller.js';
import { agentOf, type AgentOnRecord } from './agent.js';
import { continueTrace, metaForServer, traceFacts, type Trace } from './trace.js';

/** What ties a request to the trace and to the agents that it is part of. */
export interface Correlation {
  readonly trace: Trace;
  readonly agent: AgentOnRecord | undefined;
}

interface Message {
  readonly params?: JsonObject;
}

/** Reads what the message, the HTTP request and the caller's proof say; never throws. */
export function correlate({ session, chain }: Caller, message: Message, headers: IncomingHttpHeaders): Correlation {
  const meta = metaOf(message);
  return { trace: continueTrace(meta, headers), agent: agentOf(meta, chain, session.actors.length > 0) };
}

/** The message as it may go on to a server. */
export function correlated<T extends Message>(message: T, { trace }: Correlation): T {
  return { ...message, params: { ...message.params, _meta: metaForServer(metaOf(message), trace) } };
}

export function correlationFacts({ trace, agent }: Correlation): RecordFacts {
  return { ...traceFacts(trace), ...(agent === undefined ? {} : { chain: agent.mark }) };
}

export function correlationPersonal({ agent }: Correlation): RecordPersonal {
  return agent === undefined || Object.keys(agent.agent).length === 0 ? {} : { agent: agent.agent };
}

function metaOf({ params }: Message): JsonObject {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta : {};
}
