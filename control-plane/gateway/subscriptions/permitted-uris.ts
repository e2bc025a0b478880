import { splitUri } from '#shared/mcp/names.js';
import { decisionFacts, recordOf, type Origin } from '../call/call-record.js';
import { decide } from '../call/decide.js';
import { withoutApproval } from '../call/judge-approval.js';
import { judgeSignIn } from '../call/step-up.js';
import { serverExists, type Parts } from '../parts.js';

/** URIs of one server: by its own names, and as the client knows them. */
export interface PermittedUris {
  readonly own: string[];
  readonly shown: string[];
}

/** The URIs whose resources the person may read, by server. Each decision is on record before a server hears of it. */
export async function permittedUris(
  parts: Pick<Parts, 'policy' | 'audit' | 'servers' | 'identity'>,
  origin: Origin,
  endpoint: string | undefined,
  uris: readonly string[],
): Promise<Map<string, PermittedUris>> {
  const permitted = new Map<string, PermittedUris>();
  for (const shown of new Set(uris)) {
    const { server, uri } = endpoint === undefined ? (splitUri(shown) ?? NOWHERE) : { server: endpoint, uri: shown };
    if (!serverExists(parts, server)) continue;
    const decided = decide(parts.policy, origin, server, { kind: 'resource', name: uri }, {});
    const decision = withoutApproval(await judgeSignIn(parts.identity, origin.caller, decided));
    const facts = { server, ...decisionFacts(decision) };
    await parts.audit.write(
      recordOf(origin, 'resource.read', 'event', facts, { reason: decision.reason, target: uri }),
    );
    if (decision.outcome !== 'allow') continue;
    const ofServer = permitted.get(server) ?? { own: [], shown: [] };
    ofServer.own.push(uri);
    ofServer.shown.push(shown);
    permitted.set(server, ofServer);
  }
  return permitted;
}

const NOWHERE = { server: '', uri: '' };
