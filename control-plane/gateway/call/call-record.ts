import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { NewRecord, RecordFacts, RecordPersonal, RecordType } from '../../audit/record.js';
import { correlationFacts, correlationPersonal, type Correlation } from '../../correlation/correlate.js';
import type { Caller } from '../../identity/caller.js';
import { personOnRecord, signedInOnRecord, signInFacts } from '../../identity/person-on-record.js';
import type { Decision } from '../../policy/decision.js';
import type { AskedBy } from './asked-by.js';
import type { Target } from './route.js';

/** Whom and what a record is about. */
export interface Origin {
  readonly caller: Caller;
  readonly address: string;
  readonly claimedClient: RecordPersonal['claimedClient'];
  readonly correlation: Correlation;
  /** How it was asked, where that is known. */
  readonly asked?: AskedBy;
}

const CLAIM_LENGTH = 100;

const TYPES: Readonly<Record<Target['kind'], RecordType>> = {
  tool: 'tool.call',
  resource: 'resource.read',
  prompt: 'prompt.get',
  method: 'method.use',
};

export function typeOf(target: Target): RecordType {
  return TYPES[target.kind];
}

/** A record about one request; what is personal is sealed by the audit. */
export function recordOf(
  origin: Origin,
  type: RecordType,
  phase: NewRecord['phase'],
  facts: RecordFacts,
  personal: RecordPersonal = {},
): NewRecord {
  const { session } = origin.caller;
  const { person } = session;
  return {
    type,
    phase,
    subject: person.id,
    facts: {
      person: person.id,
      session: session.id,
      client: session.clientId,
      ...(session.actors.length === 0 ? {} : { actors: session.actors }),
      ...correlationFacts(origin.correlation),
      ...(phase === 'outcome' ? {} : { ...signInFacts(session), ...keyFacts(origin.caller), ...origin.asked?.facts }),
      ...facts,
    },
    personal: {
      ...(phase === 'outcome' ? personOnRecord(person) : signedInOnRecord(session)),
      ...(origin.claimedClient === undefined ? {} : { claimedClient: origin.claimedClient }),
      ...(session.deviceName === null ? {} : { device: session.deviceName }),
      address: origin.address,
      ...correlationPersonal(origin.correlation),
      ...(phase === 'outcome' ? {} : { groups: session.groups, ...origin.asked?.personal }),
      ...personal,
    },
  };
}

function keyFacts({ key }: Caller): Pick<RecordFacts, 'deviceKey'> {
  return key === undefined ? {} : { deviceKey: key };
}

export function decisionFacts(decision: Decision): RecordFacts {
  const { outcome, policies, revision, catalogRevision, grant } = decision;
  const code = denialCode(decision);
  return {
    decision: outcome,
    policies,
    policyRevision: revision,
    ...(catalogRevision === undefined ? {} : { catalogRevision }),
    ...(code === undefined ? {} : { code }),
    ...(grant === undefined ? {} : { grant: grant.id }),
  };
}

/** Why it was denied, where no policy and no want of one said so. */
function denialCode({ outcome, stepUp, approval, connection, failed, held }: Decision): string | undefined {
  if (outcome === 'allow') return undefined;
  if (stepUp !== undefined) return 'step_up_needed';
  if (connection === true) return 'connection_needed';
  if (approval !== undefined) return 'approval_needed';
  if (held === true) return 'held_back';
  return failed ? 'policy_failed' : undefined;
}

/** The client's own claim from the request's envelope: cut, and without control or direction characters. */
export function claimedClient(params: JsonObject | undefined): RecordPersonal['claimedClient'] {
  const meta = params?.['_meta'];
  return claimOf(isObject(meta) ? meta[META.clientInfo] : undefined);
}

/** The same of an `Implementation` (MCP schema). */
export function claimOf(info: unknown): RecordPersonal['claimedClient'] {
  if (!isObject(info) || typeof info['name'] !== 'string') return undefined;
  const version = info['version'];
  return { name: claim(info['name']), version: typeof version === 'string' ? claim(version) : '' };
}

function claim(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .slice(0, CLAIM_LENGTH);
}
