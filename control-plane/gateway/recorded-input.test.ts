import { expect, onTestFinished, test } from 'vitest';
import { readInput } from '../policy/recorded-input.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, textResult, UpstreamServer } from './testing/upstream-server.js';

const POLICIES = `
@id("engineering") @reason("Engineering uses the CRM.")
permit(principal in Mcp::Group::"idp/engineering", action, resource in Mcp::Server::"crm");`;

test('each call is recorded with what policies read of it, allowed or denied, and with no argument that they do not', async () => {
  const upstream = await UpstreamServer.modern((request, response) =>
    sendResult(response, request, textResult('done')),
  );
  onTestFinished(() => upstream[Symbol.asyncDispose]());
  const servers = { crm: { url: upstream.url, labels: ['prod'], tools: { get: { effect: 'read' } } } };
  const gateway = await OpenGateway.open({ policies: POLICIES, servers });
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  for (const name of ['alice', 'carol']) {
    const params = { name: 'get', arguments: { note: 'between the two of us' } };
    await postModern(`${gateway.url}/mcp/crm`, 'tools/call', params, { as: name });
  }
  await postModern(`${gateway.url}/mcp/crm`, 'resources/read', { uri: 'file:///a/../b' });
  const calls = await gateway.audit.recordedCalls({ since: 0, until: Date.now() + 1000, after: undefined, limit: 10 });
  expect(calls.map(({ facts, input }) => [facts.decision, readInput(input!)])).toEqual([
    ['allow', expect.objectContaining({ reads: [], readings: [] })],
    ['deny', expect.objectContaining({ reads: [], readings: [] })],
    ['allow', expect.objectContaining({ readings: ['file:///b'] })],
  ]);
  expect(readInput(calls[1]!.input!)!.input).toMatchObject({
    person: { id: 'usr_carol', groups: ['idp/contractors'] },
    server: 'crm',
    serverLabels: ['prod'],
    target: { kind: 'tool', name: 'get', effect: 'read', labels: [], reviewed: true },
    args: {},
    context: { address: '127.0.0.1', client: 'mcp-bridge', sessionKind: 'person' },
  });
  expect(JSON.stringify(calls)).not.toContain('between the two of us');
});
