import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("public") @reason("What is public may be read.")
permit(principal, action == Mcp::Action::"resource/read", resource in Mcp::Server::"far")
when { resource.uri like "file:///srv/public/*" };
@id("private") @reason("Nobody reads what is private.")
forbid(principal, action == Mcp::Action::"resource/read", resource in Mcp::Server::"far")
when { resource.uri like "file:///srv/public/private/*" };
`;

let far: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  far = await UpstreamServer.modern((request, response) =>
    sendResult(response, request, { resultType: 'complete', contents: [], ttlMs: 0, cacheScope: 'private' }),
  );
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { far: { url: far.url } } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

async function readAt(uri: string): Promise<unknown> {
  far.seen.length = 0;
  const { message } = await postModern(`${gateway.url}/mcp/far`, 'resources/read', { uri });
  const sent = far
    .calls()
    .flatMap(({ message: { method, params } }) => (method?.endsWith('/list') ? [] : params?.['uri']));
  return message.error === undefined ? sent : { denied: sent };
}

test.each(['file:///srv/public/a', 'file:///srv/public/a//b', 'file:///srv/public/b/../a?x=/../y'])(
  'what policy permits in every reading is read as it was spelled: %s',
  async (uri) => {
    expect(await readAt(uri)).toEqual([uri]);
  },
);

test.each([
  'file:///srv/public/../secret',
  'file:///srv/public//../secret',
  'file:///srv/public/////../../../../etc/shadow',
  'file:///srv/public/?/../../secret',
  'file:///srv/public/#/../../secret',
  'file:///srv/public//private/a',
  'file:///srv/public/x/..//private/a',
])('what a server could read as something else is judged as that, and nothing leaves: %s', async (uri) => {
  expect(await readAt(uri)).toEqual({ denied: [] });
});
