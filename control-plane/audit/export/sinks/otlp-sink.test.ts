import { afterEach, beforeEach, expect, test } from 'vitest';
import { Receiver } from '../../../messaging/testing/receiver.js';
import type { Sink } from '../sink.js';
import { callRecord, oneSink } from '../testing/one-sink.js';

const WAIT = AbortSignal.timeout(60_000);

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.start();
  answers({});
});
afterEach(async () => receiver[Symbol.asyncDispose]());

const sink = (more: object = {}): Sink => {
  const url = new URL(receiver.url).origin;
  const headers = { Authorization: 'env:AUTHORIZATION' };
  return oneSink({ kind: 'otlp', url, headers, ...more }, { AUTHORIZATION: 'Bearer of-the-receiver' });
};
function answers(body: object, status = 200): void {
  receiver.answer = (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
const failure = async (): Promise<unknown> =>
  sink()
    .send([callRecord(7), callRecord(8)], WAIT)
    .catch((error: unknown) => error);

const list = (key: string, values: object): object => ({ key, value: { kvlistValue: { values } } });
const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

test('one log record a record, with attributes by the semantic conventions and the ids of its trace', async () => {
  await sink().send([callRecord(7)], WAIT);
  const [request] = receiver.received;
  expect(request).toMatchObject({
    method: 'POST',
    path: '/v1/logs',
    headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-receiver' },
  });
  expect(JSON.parse(request!.body)).toEqual({
    resourceLogs: [
      {
        resource: { attributes: [text('service.name', 'mcp-sso'), text('host.name', 'mcp.acme.example')] },
        scopeLogs: [
          {
            scope: { name: 'mcp-sso.audit' },
            logRecords: [
              {
                timeUnixNano: '1800000000123000000',
                observedTimeUnixNano: '1800000000123000000',
                severityNumber: 9,
                severityText: 'INFO',
                eventName: 'mcp_sso.tool.call',
                traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                spanId: '00f067aa0ba902b7',
                attributes: [
                  text('log.record.uid', '0197a2b0-0000-7000-8000-000000000007'),
                  text('mcp.method.name', 'tools/call'),
                  text('gen_ai.operation.name', 'execute_tool'),
                  text('gen_ai.tool.name', 'get_report'),
                  text('session.id', 'ses_1'),
                  text('user.id', 'usr_alice'),
                  text('user.email', 'alice@acme.example'),
                  text('enduser.id', 'usr_alice'),
                  text('client.address', '192.0.2.7'),
                  { key: 'mcp_sso.record.index', value: { intValue: '7' } },
                  text('mcp_sso.record.type', 'tool.call'),
                  text('mcp_sso.record.phase', 'intent'),
                  text('mcp_sso.server', 'finance'),
                  text('mcp_sso.decision', 'allow'),
                  { key: 'mcp_sso.policy.ids', value: { arrayValue: { values: [{ stringValue: 'finance-read' }] } } },
                ],
                body: {
                  kvlistValue: {
                    values: [
                      { key: 'idx', value: { intValue: '7' } },
                      list('header', [
                        { key: 'v', value: { intValue: '1' } },
                        text('id', '0197a2b0-0000-7000-8000-000000000007'),
                        { key: 'ts', value: { intValue: '1800000000123' } },
                        text('type', 'tool.call'),
                        text('phase', 'intent'),
                        list('facts', [
                          text('person', 'usr_alice'),
                          text('session', 'ses_1'),
                          text('server', 'finance'),
                          text('target', 'get_report'),
                          text('decision', 'allow'),
                          { key: 'policies', value: { arrayValue: { values: [{ stringValue: 'finance-read' }] } } },
                          text('trace', '4bf92f3577b34da6a3ce929d0e0e4736'),
                          text('span', '00f067aa0ba902b7'),
                        ]),
                        text('payload', 'a'.repeat(64)),
                      ]),
                      list('personal', [text('email', 'alice@acme.example'), text('address', '192.0.2.7')]),
                      text('payload', 'shown'),
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  });
});

test('a denied call is a warning, and the event of OCSF its body where the settings say so', async () => {
  await sink({ format: 'ocsf', url: `${new URL(receiver.url).origin}/otlp/v1/logs` }).send(
    [callRecord(7, { facts: { decision: 'deny', code: 'denied_by_policy', durationMs: 1.5 } })],
    WAIT,
  );
  const [request] = receiver.received;
  expect(request?.path).toBe('/otlp/v1/logs');
  const { resourceLogs } = JSON.parse(request!.body) as { resourceLogs: [{ scopeLogs: [{ logRecords: [object] }] }] };
  expect(resourceLogs[0].scopeLogs[0].logRecords[0]).toMatchObject({
    severityNumber: 13,
    severityText: 'WARN',
    attributes: expect.arrayContaining([text('error.type', 'denied_by_policy')]) as object,
    body: {
      kvlistValue: {
        values: expect.arrayContaining([
          { key: 'class_uid', value: { intValue: '6003' } },
          { key: 'duration', value: { doubleValue: 1.5 } },
        ]) as object,
      },
    },
  });
});

test.each([
  ['3', 3],
  [1, 1],
])('rejected records are never passed over: %s', async (rejectedLogRecords, count) => {
  answers({ partialSuccess: { rejectedLogRecords, errorMessage: 'too old: alice@acme.example' } });
  expect(await failure()).toMatchObject({ message: `it rejected ${count} of 2 records`, retryAfterMs: 60_000 });
});

test('a warning of the receiver is none of ours', async () => {
  answers({ partialSuccess: { rejectedLogRecords: '0', errorMessage: 'slow down' } });
  expect(await failure()).toBeUndefined();
});

test('says why, and when to come again', async () => {
  receiver.answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end();
  expect(await failure()).toMatchObject({ message: 'it answered with status 429', retryAfterMs: 7_000 });
});

test('a probe sends no record', async () => {
  await sink().probe?.(WAIT);
  expect(receiver.received.map(({ body }) => body)).toEqual(['{"resourceLogs":[]}']);
});
