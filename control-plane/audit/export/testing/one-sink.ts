import { settingsSchema } from '../../../config/settings.js';
import type { RecordFacts, RecordPersonal } from '../../record.js';
import type { ExportedRecord } from '../exported-record.js';
import type { Sink } from '../sink.js';
import { sinksOf } from '../sinks.js';

/** The sink that `mcp-sso.yaml` would name `siem`. */
export function oneSink(siem: object, environment: Readonly<Record<string, string>>): Sink {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: {},
    audit: { export: { siem } },
  });
  return sinksOf({ settings, directory: '/nowhere', environment })[0]!;
}

/** Alice calls `get_report` of `finance`, in a trace. */
export function callRecord(idx: number, more: { facts?: RecordFacts; personal?: RecordPersonal } = {}): ExportedRecord {
  const facts: RecordFacts = {
    person: 'usr_alice',
    session: 'ses_1',
    server: 'finance',
    target: 'get_report',
    decision: 'allow',
    policies: ['finance-read'],
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    span: '00f067aa0ba902b7',
    ...more.facts,
  };
  return {
    idx,
    header: {
      v: 1,
      id: `0197a2b0-0000-7000-8000-${String(idx).padStart(12, '0')}`,
      ts: 1_800_000_000_123,
      type: 'tool.call',
      phase: 'intent',
      facts: { ...facts },
      payload: 'a'.repeat(64),
    },
    personal: { email: 'alice@acme.example', address: '192.0.2.7', ...more.personal },
    payload: 'shown',
  };
}
