import type { Decision } from '../../policy/decision.js';
import { ASKING } from '../input/url-elicitation.js';
import type { Parts } from '../parts.js';
import type { Judged } from './awaited.js';
import { awaitedConnection, missingText, refusedScopesText, refusedText, tooLittleText } from './connection-words.js';
import { broughtState } from './held-state.js';
import type { Identified } from './post.js';
import { toolOf, type CallRoute } from './route.js';

/** What came before in this request. */
interface Before {
  /** The id of what it has waited for. */
  readonly waitedFor: string | undefined;
  /** The scopes for want of which its server has just refused it. */
  readonly wanted: readonly string[] | undefined;
}

type Judges = Pick<Parts, 'connections' | 'audit' | 'publicUrl' | 'servers' | 'states'>;

/**
 * Step 4, before an approval is used up: where the server takes the person's own account, a call that was allowed holds only
 * with a connection to it that reaches far enough for the tool. Without one it waits for the person. What cannot wait goes on
 * and is refused when its credential is looked for. Throws `request_state_invalid`, `rate_limited` and `audit_unavailable`.
 */
export async function judgeConnection(
  parts: Judges,
  request: Identified,
  route: CallRoute,
  decision: Decision,
  { waitedFor, wanted }: Before,
): Promise<Judged> {
  const { state, waited, to } = broughtState(parts, request, route, decision, 'connection');
  if (decision.outcome === 'deny') return { decision, to };
  // A call that a server has begun to answer is nothing that could begin anew.
  const isUnderWay = state !== undefined && !('reference' in state.held);
  // Where the server has refused it for want of scopes, it does not leave again without a new consent.
  const past: Judged = wanted
    ? { decision: denied(decision, refusedScopesText(parts, to.server, wanted)), to }
    : { decision, to };
  if (isUnderWay || !ASKING.has(to.message.method)) return past;
  const { session } = request.origin.caller;
  const asking = waitedFor ?? waited?.id;
  const before = asking === undefined ? undefined : await parts.connections.look(asking);
  const narrowed = scopesOf(parts, to);
  if (narrowed && wanted?.some((scope) => !narrowed.includes(scope))) return past;
  const scopes = [...new Set([...(narrowed ?? []), ...(wanted ?? []), ...(before?.scopes ?? [])])];
  const need = session.kind === 'service' ? undefined : await parts.connections.need(session, to.server, scopes);
  if (need === undefined) return past;
  if (before?.state === 'refused') return { decision: denied(decision, refusedText(parts, to.server)), to };
  if (before?.state === 'done' && need.why === 'scopes') {
    return { decision: denied(decision, tooLittleText(parts, to.server, scopes)), to };
  }
  const asked = before?.state === 'open' ? before : await parts.connections.ask(wishOf(request, to.server, scopes));
  const reason = missingText(parts, need);
  const awaited = awaitedConnection(parts, asked, `${reason} ${permittedText(decision)}`);
  return { decision: denied(decision, reason), to, held: { awaited, reference: waited?.reference } };
}

/** All that the token of this call may have; undefined where nobody said. */
function scopesOf({ servers }: Judges, { server, target }: CallRoute): readonly string[] | undefined {
  const tool = toolOf(target);
  const tools = Object.hasOwn(servers, server) ? servers[server]!.tools : {};
  return tool !== undefined && Object.hasOwn(tools, tool) ? tools[tool]!.scopes : undefined;
}

function wishOf(
  { origin: { caller, address } }: Identified,
  server: string,
  scopes: readonly string[],
): Parameters<Judges['connections']['ask']>[0] {
  const { id: session, person, clientId: client, deviceName: device } = caller.session;
  return { person, session, server, by: { client, device, address }, scopes };
}

function permittedText({ policies }: Decision): string {
  return `Company policy permits this call (policy ${policies.join(', ')}).`;
}

function denied({ stepUp: _met, approval: _later, ...decision }: Decision, reason: string): Decision {
  return { ...decision, outcome: 'deny', reason, connection: true };
}
