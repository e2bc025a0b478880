import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { RecordFacts, RecordPersonal } from './record.js';

type Names<T> = Readonly<Record<keyof T, true>>;

/** Every field of a record, by its part; the compiler keeps them those of the types, a test those of `docs/audit-record.md`. */
export const RECORD_FIELDS: {
  readonly header: Names<RecordHeader>;
  readonly facts: Names<RecordFacts>;
  readonly personal: Names<RecordPersonal>;
} = {
  header: { v: true, id: true, ts: true, type: true, phase: true, ref: true, facts: true, payload: true },
  facts: {
    person: true,
    affected: true,
    session: true,
    client: true,
    actors: true,
    server: true,
    target: true,
    decision: true,
    policies: true,
    policyRevision: true,
    catalogRevision: true,
    credential: true,
    code: true,
    approval: true,
    grant: true,
    connection: true,
    outcome: true,
    durationMs: true,
    parent: true,
    sha256: true,
    bytes: true,
    trace: true,
    span: true,
    parentSpan: true,
    linkedTrace: true,
    chain: true,
    acr: true,
    amr: true,
    authTime: true,
    managedDevice: true,
    protocol: true,
    requestBytes: true,
    status: true,
    redactions: true,
    decisionMicros: true,
    pin: true,
    settings: true,
    settingsBefore: true,
    keys: true,
    replica: true,
  },
  personal: {
    email: true,
    name: true,
    claimedClient: true,
    address: true,
    device: true,
    reason: true,
    argumentsHash: true,
    policyInput: true,
    groups: true,
    arguments: true,
    result: true,
    truncated: true,
    resultHash: true,
    userAgent: true,
    requestId: true,
    detail: true,
    agent: true,
  },
};
