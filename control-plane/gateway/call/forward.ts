import type { JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { OnBehalf } from '../../credentials/credential-scope.js';
import type { Injection } from '../../credentials/injection.js';
import { redactText } from '../../credentials/redaction.js';
import type { ClientSide, UpstreamAnswer, UpstreamScope } from '../../upstreams/upstream-request.js';
import type { Upstreams } from '../../upstreams/upstreams.service.js';

export interface Forwarding {
  readonly server: string;
  /** The sign-in on whose behalf we call. */
  readonly session: OnBehalf;
  readonly client: ClientSide;
  readonly injection: Injection;
  readonly signal: AbortSignal;
}

/** The upstream hop of a call: built fresh, so that nothing of the client's own headers can slip in. */
export function scopeOf({ server, session, client, injection, signal }: Forwarding): UpstreamScope {
  const { headers, query, environment, files, sign } = injection;
  // Asked at the moment of masking: what a signer adds is known once the request has left.
  const mask = (text: string): string => redactText(injection.secrets, text);
  const access = { headers, query, environment, files, sign, mask };
  return { server, partition: session.id, client, access, signal };
}

/** Step 7: the call leaves, once. Resolves when the answer begins; throws the errors of the far side. */
export async function forward(
  upstreams: Pick<Upstreams, 'open'>,
  scope: UpstreamScope,
  message: JsonRpcRequest,
  paramHeaders: Readonly<Record<string, string>>,
): Promise<UpstreamAnswer> {
  return await upstreams.open({ ...scope, message, paramHeaders, asks: true });
}
