import { expect, test } from 'vitest';
import { judgeSettings } from './judge-settings.js';
import { keyText } from './key-path.js';
import { telemetrySettings } from './telemetry-settings.js';

async function faults(telemetry: object): Promise<string[]> {
  const around = { value: { telemetry }, directory: '/nonexistent', environment: { OTLP: 'Bearer x' } };
  const { findings } = await judgeSettings(around);
  return findings
    .filter(({ path }) => path[0] === 'telemetry')
    .map(({ path, message, fix }) => `${keyText(path)}: ${message} → ${fix}`);
}

test('nothing is exported by default', () => {
  expect(telemetrySettings.parse(undefined)).toEqual({});
});

test('an endpoint is enough', async () => {
  const endpoint = 'http://127.0.0.1:4318';
  expect(telemetrySettings.parse({ traces: { endpoint }, metrics: { endpoint } })).toEqual({
    traces: { endpoint, headers: {}, protocol: 'http/protobuf', ratio: 1, clientAddress: false },
    metrics: { endpoint, headers: {}, protocol: 'http/protobuf', everySeconds: 60 },
  });
  const headers = { authorization: 'env:OTLP' };
  expect(await faults({ traces: { endpoint: 'https://otel.acme.example/v1/traces', headers } })).toEqual([]);
});

test.each([
  [{ endpoint: 'http://otel.acme.example' }, /^endpoint: plain http is accepted for this machine only → write https,/],
  [
    { endpoint: 'https://me:pass@otel.acme.example' },
    /^endpoint: carries a user name → put the credential into headers/,
  ],
  [{ endpoint: 'https://otel.acme.example/#x' }, /^endpoint: an endpoint has no fragment → remove what follows #$/],
  [{ endpoint: 'grpc://otel.acme.example' }, /^endpoint: .* → write the https address of an OTLP\/HTTP collector;/],
  [
    { headers: { authorization: 'Bearer abc' } },
    /^headers\.authorization: .* → write env:NAME or file:PATH of its value;/,
  ],
  [{ headers: { authorization: 'env:NONE' } }, /^headers\.authorization: the environment variable NONE is not set → /],
  [{ headers: { 'Content-Type': 'env:OTLP' } }, /^headers\.Content-Type: .*set by the request itself/],
  [{ protocol: 'grpc' }, /^protocol: .* → write http\/protobuf or http\/json$/],
  [{ ratio: 2 }, /^ratio: .* → write a number from 0 to 1, for example 0\.1 for every tenth trace$/],
])('of traces, %o is a fault that says what belongs there', async (wrong, expected) => {
  const found = await faults({ traces: { endpoint: 'https://otel.acme.example', ...wrong } });
  expect(found.map((text) => text.replace('telemetry.traces.', ''))).toEqual([expect.stringMatching(expected)]);
});
