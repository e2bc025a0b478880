import type { NewRecord, RecordFacts, RecordPersonal } from '../record.js';

/** An intent of alice's, from Claude Desktop through the bridge, unless told otherwise. */
export function intent(facts: RecordFacts = {}, personal: RecordPersonal = {}): NewRecord {
  return {
    type: 'tool.call',
    phase: 'intent',
    subject: facts.person ?? 'usr_alice',
    facts: {
      person: 'usr_alice',
      session: 'ses_1',
      client: 'mcp-bridge',
      server: 'finance',
      target: 'get_report',
      decision: 'allow',
      policies: ['finance-reads'],
      ...facts,
    },
    personal: {
      email: 'alice@acme.example',
      name: 'Alice Example',
      claimedClient: { name: 'Claude Desktop', version: '1.2.3' },
      address: '192.0.2.7',
      reason: 'Finance may read reports.',
      ...personal,
    },
  };
}

export function outcome(ref: string, facts: RecordFacts = { outcome: 'ok', durationMs: 42 }): NewRecord {
  return { type: 'tool.call', phase: 'outcome', ref, subject: 'usr_alice', facts, personal: {} };
}
