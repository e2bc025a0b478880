import { expect, test, vi } from 'vitest';
import type { ExportedRecord } from '../../control-plane/audit/export/exported-record.js';
import type { Sink } from '../../control-plane/audit/export/sink.js';
import { sinksOf } from '../../control-plane/audit/export/sinks.js';
import { settingsSchema } from '../../control-plane/config/settings.js';
import { Rsyslog } from '../support/rsyslog.js';
import { selfSigned } from '../support/self-signed.js';

const WAIT = AbortSignal.timeout(120_000);
const eventually = { timeout: 30_000, interval: 20 };

function record(idx: number): ExportedRecord {
  const header: ExportedRecord['header'] = {
    v: 1,
    id: `0197a2b0-0000-7000-8000-${String(idx).padStart(12, '0')}`,
    ts: 1_800_000_000_123,
    type: 'tool.call',
    phase: 'event',
    facts: { person: 'usr_alice', decision: 'deny', code: 'denied_by_policy' },
    payload: 'a'.repeat(64),
  };
  return { idx, header, personal: { name: 'Alicé\n<14>1 forged' }, payload: 'shown' };
}

function sinkAt(url: string, ca: string, format: string): Sink {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
    servers: {},
    audit: { export: { siem: { kind: 'syslog', url, ca: 'env:CA', format } } },
  });
  return sinksOf({ settings, directory: '/nowhere', environment: { CA: ca } })[0]!;
}

test.skipIf(Rsyslog.absent())('rsyslog reads each record over TLS, in order', async () => {
  await using rsyslog = await Rsyslog.start();
  const records = Array.from({ length: 300 }, (_, idx) => record(idx));
  await sinkAt(rsyslog.url, rsyslog.ca, 'ocsf').send(records, WAIT);
  await vi.waitFor(() => expect(rsyslog.received()).toHaveLength(300), eventually);
  const parsed = rsyslog.received().map((line) => /^(\S+) \S+ (\S+) (\S+) (\S+) (\{.*)$/.exec(line)!.slice(1));
  expect(parsed[0]!.slice(0, 4)).toEqual(['108', 'mcp.acme.example', 'mcp-sso', 'tool.call']);
  const events = parsed.map(([, , , , text]) => JSON.parse(text!) as { metadata: { uid: string } });
  expect(events.map(({ metadata }) => metadata.uid)).toEqual(records.map(({ header }) => header.id));
  expect(events[0]).toMatchObject({ status: 'Failure', actor: { user: { name: 'Alicé\n<14>1 forged' } } });
});

test.skipIf(Rsyslog.absent())('takes CEF too, and nothing goes to a receiver that others vouch for', async () => {
  await using rsyslog = await Rsyslog.start();
  const stranger = selfSigned('IP:127.0.0.1').certificate;
  await expect(sinkAt(rsyslog.url, stranger, 'cef').send([record(0)], WAIT)).rejects.toThrow(/^it was not reached/);
  await sinkAt(rsyslog.url, rsyslog.ca, 'cef').probe?.(WAIT);
  await sinkAt(rsyslog.url, rsyslog.ca, 'cef').send([record(1)], WAIT);
  await vi.waitFor(() => expect(rsyslog.received()).toHaveLength(1), eventually);
  expect(rsyslog.received()[0]).toContain(
    `CEF:0|mcp-sso|mcp-sso|1|tool.call|tool.call|5|rt=1800000000123 externalId=${record(1).header.id}`,
  );
});
