import { settingsSchema } from '../../../config/settings.js';
import type { ExportedRecord } from '../exported-record.js';
import type { Sink } from '../sink.js';
import { sinksOf } from '../sinks.js';

/** The sink that `audit.export` makes of these settings. */
export function configuredSink(settings: object, environment: Readonly<Record<string, string>>): Sink {
  const parsed = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: {},
    audit: { export: { away: settings } },
  });
  return sinksOf({ settings: parsed, directory: '/nowhere', environment })[0]!;
}

/** Alice's list of tools, 15 January 2027, 08:00 UTC. */
export function listRecord(idx: number, personal: ExportedRecord['personal'] = {}): ExportedRecord {
  const header: ExportedRecord['header'] = {
    v: 1,
    id: `0197a2b0-0000-7000-8000-${String(idx).padStart(12, '0')}`,
    ts: 1_800_000_000_123,
    type: 'list',
    phase: 'event',
    facts: { person: 'usr_alice' },
    payload: 'a'.repeat(64),
  };
  return { idx, header, personal: { email: 'alice@acme.example', ...personal }, payload: 'shown' };
}
