import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendResult, UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("open") @reason("Open to all.")
permit(principal, action == Mcp::Action::"resource/read", resource) when { resource.uri like "open:*" };
`;
const SECRET = 'zq-planted-7031';

let far: UpstreamServer;
let gateway: OpenGateway;
let logged = '';
beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    logged += String(chunk);
    return true;
  });
  far = await UpstreamServer.modern((request, response) =>
    sendResult(response, request, { resultType: 'complete', contents: [], ttlMs: 0, cacheScope: 'private' }),
  );
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { far: { url: far.url } } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

/** Every byte of the database as it lies on the disk, its log with it. */
function onDisk(): string {
  return readdirSync(gateway.folder)
    .filter((name) => name.includes('.db'))
    .map((name) => readFileSync(join(gateway.folder, name), 'latin1'))
    .join('\n');
}

async function send(method: string, params: object): Promise<void> {
  await postModern(`${gateway.url}/mcp/far`, method, { ...params });
}

test('pitfall 18, secrets that are kept: what a client spelled as a target is on no disk and in no log as it was', async () => {
  await send('resources/read', { uri: `open:x?token=${SECRET}` });
  await send('resources/read', { uri: `closed:x?token=${SECRET}` });
  await send('prompts/get', { name: `a prompt ${SECRET}` });
  await send('tools/call', { name: `tool?${SECRET}`, arguments: {} });
  await send(`odd?${SECRET}`, {});
  expect(await gateway.records()).toEqual([
    `resource.read intent far open:x?token=${SECRET} allow`,
    `resource.read outcome far open:x?token=${SECRET} ok`,
    `resource.read event far closed:x?token=${SECRET} deny`,
    `prompt.get event far a prompt ${SECRET} deny`,
    `tool.call event far tool?${SECRET} deny`,
    `method.use event far odd?${SECRET} deny`,
  ]);
  const disk = onDisk();
  expect(disk).toContain('resource.read');
  expect([disk, logged].map((text) => text.includes(SECRET))).toEqual([false, false]);
});
