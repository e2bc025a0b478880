import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { expect, it, vi } from 'vitest';
import { Receiver } from '../../control-plane/messaging/testing/receiver.js';
import { reconfigure } from '../support/device.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const RECOVERY = { timeout: 40_000, interval: 100 };
const TIMEOUT_MS = 120_000;

async function echo(by: SignedIn): Promise<string> {
  const mcp = `${stack().addresses.publicUrl}/mcp`;
  const params = { name: 'everything__echo', arguments: { message: 'hello' } };
  return (await sendMcp(mcp, await credentials(by, 'POST', mcp), 'tools/call', params)).text;
}

it(
  'a process that is stuck with the lock of the database: calls are refused, people are told once, and it goes on by itself',
  async () => {
    await using receiver = await Receiver.start();
    writeFileSync(join(stack().config, 'hook'), `whsec_${Buffer.alloc(32, 5).toString('base64')}`, { mode: 0o600 });
    const hook = `{ url: "${receiver.url}", secret: "file:./hook", events: [audit.alarm] }`;
    await reconfigure(stack(), (settings) => `${settings}\nnotifications:\n  webhooks:\n    ops: ${hook}\n`);
    const readyz = `http://${stack().addresses.listen}/readyz`;
    const alice = await signIn(stack(), 'alice');
    expect(await echo(alice)).toContain('Echo: hello');

    const stuck = new SQLite(join(stack().config, 'data', 'mcp-sso.db'));
    try {
      stuck.exec('begin immediate');
      const refused = await echo(alice);
      expect(refused).toContain('The audit log cannot be written, so the call was refused.');
      expect(refused).not.toContain('Echo: hello');
      await vi.waitFor(async () => expect((await send(readyz)).status).toBe(503), RECOVERY);
    } finally {
      stuck.close();
    }
    await vi.waitFor(async () => expect((await send(readyz)).status).toBe(200), RECOVERY);
    expect(await echo(alice)).toContain('Echo: hello');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), RECOVERY);
    expect(receiver.received[0]?.body).toContain('"type":"audit.alarm"');
    expect(receiver.received[0]?.body).toMatch(/The audit log (cannot|could not) be written/);
  },
  TIMEOUT_MS,
);
