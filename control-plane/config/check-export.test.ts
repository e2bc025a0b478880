import { expect, test } from 'vitest';
import { judgeSettings } from './judge-settings.js';
import { keyText } from './key-path.js';

const ELASTIC = { kind: 'elastic', url: 'https://elastic.acme.example:9200', apiKey: 'env:KEY' };
const SENTINEL = {
  kind: 'sentinel',
  url: 'https://audit-abcd.westeurope-1.ingest.monitor.azure.com',
  ruleId: 'dcr-0123456789abcdef0123456789abcdef',
  stream: 'Custom-McpSsoAudit_CL',
  tenantId: '7a6a72cf-0000-4000-8000-000000000000',
  clientId: 'app',
  clientSecret: 'env:KEY',
};
const OTLP = { kind: 'otlp', url: 'http://127.0.0.1:4318', headers: { 'X-Key': 'env:KEY' } };

/** What is said of one sink: its key, and what to do. */
async function said(siem: object): Promise<string[]> {
  const value = { audit: { export: { siem } } };
  const { findings } = await judgeSettings({ value, directory: '/nonexistent', environment: { KEY: 'k' } });
  const ours = findings.filter(({ path }) => path[0] === 'audit');
  return ours.map(({ path, message, fix }) =>
    `${keyText(path)}: ${message} → ${fix}`.replace('audit.export.siem.', ''),
  );
}

test('sinks as the guide writes them', async () => {
  expect(await Promise.all([ELASTIC, SENTINEL, OTLP].map(said))).toEqual([[], [], []]);
});

test.each([
  [{ ...ELASTIC, url: 'http://elastic.acme.example:9200' }, /^url: plain http is accepted for this machine only → /],
  [{ ...ELASTIC, url: 'https://elastic:changeme@acme.example' }, /^url: carries a user name → /],
  [{ ...ELASTIC, apiKey: 'VnVhQ2ZHY0JDZGJr' }, /^apiKey: .* → write env:NAME or file:PATH of the encoded API key/],
  [{ ...ELASTIC, apiKey: 'env:NONE' }, /^apiKey: the environment variable NONE is not set → /],
  [{ ...ELASTIC, dataStream: 'Audit/*' }, /^dataStream: .* → write the name of a data stream/],
  [{ ...SENTINEL, ruleId: 'my-rule' }, /^ruleId: .* → write the immutable id of the data collection rule/],
  [{ ...SENTINEL, ruleId: undefined }, /^ruleId: .* → write the immutable id of the data collection rule/],
  [{ ...SENTINEL, stream: 'McpSsoAudit' }, /^stream: .* → write the stream that the data collection rule declares/],
  [{ ...SENTINEL, clientSecret: 'env:NONE' }, /^clientSecret: the environment variable NONE is not set → /],
  [
    { ...SENTINEL, authority: 'http://login.evil.example' },
    /^authority: plain http is accepted for this machine only → /,
  ],
  [
    { ...OTLP, headers: { 'X-Key': 'the-key-itself' } },
    /^headers\.X-Key: .* → write env:NAME or file:PATH of the whole value/,
  ],
  [{ ...OTLP, headers: { 'X-Key': 'file:./none' } }, /^headers\.X-Key: .*none.* → /],
  [{ ...OTLP, headers: { 'Content-Type': 'env:KEY' } }, /^headers.*: .*this header is set by the export itself/],
  [{ ...OTLP, format: 'cef' }, /^format: .* → write ndjson, ocsf or cef/],
])('%o is a fault that says what belongs there', async (siem, words) => {
  expect(await said(siem)).toEqual([expect.stringMatching(words)]);
});
