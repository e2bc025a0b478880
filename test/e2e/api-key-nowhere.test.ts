import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { searchAudit } from '../support/audit.js';
import { receivedByCrm } from '../support/crm-log.js';
import { connectClient } from '../support/mcp.js';
import { signIn, signInAsAuditor } from '../support/person.js';
import { RecordingProxy } from '../support/recording-proxy.js';
import { spellings } from '../support/spellings.js';
import { useStack } from '../support/stack.js';

let proxy: RecordingProxy;
const stack = useStack(async () => {
  proxy = await RecordingProxy.listen();
  return { publicPort: proxy.port };
});
const seenByClients: string[] = [];

beforeAll(async () => {
  proxy.forwardTo(stack().addresses.listen);
  const alice = await signIn(stack(), 'alice');
  for (const mode of ['legacy', 'auto'] as const) {
    const client = await connectClient(`${stack().addresses.publicUrl}/mcp`, alice, mode);
    seenByClients.push(JSON.stringify(await client.listTools()));
    for (const name of ['crm__debug_dump', 'crm__whoami', 'crm__no_such_tool']) {
      seenByClients.push(JSON.stringify(await client.callTool({ name, arguments: {} })));
    }
    await client.close();
  }
  const laptop = new Laptop('alice', stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  const bridge = await BridgeSession.connect(laptop);
  seenByClients.push((await bridge.call('crm__debug_dump')).text, bridge.stderr);
  await bridge.close();
  seenByClients.push(JSON.stringify(await searchAudit(stack(), await signInAsAuditor(stack()))));
});

afterAll(() => proxy.close());

/** Spellings of the key that occur in these bytes. */
function found(bytes: Buffer | string): string[] {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const lower = text.toLowerCase();
  return [...spellings(stack().apiKey)].filter(([, form]) => lower.includes(form.toLowerCase())).map(([name]) => name);
}

describe('the API key of the CRM', () => {
  it('was used: the CRM let the calls in, and its careless tool answered with it, masked', () => {
    expect(
      receivedByCrm(stack()).filter(({ target, authorised }) => authorised && target === 'debug_dump'),
    ).toHaveLength(3);
    const dumps = seenByClients.filter((text) => text.includes('base64'));
    expect(dumps.length).toBeGreaterThanOrEqual(3);
  });

  it('would be found where it is', () => {
    expect(found(`x${stack().apiKey}y`)).toContain('raw');
    expect(found(Buffer.from(`{"a":"${Buffer.from(`crm:${stack().apiKey}`).toString('base64')}"}`))).not.toEqual([]);
  });

  it('appears nowhere in client traffic', () => {
    const traffic = proxy.recorded();
    expect(traffic.includes('crm__debug_dump')).toBe(true);
    expect(found(traffic)).toEqual([]);
  });

  it('appears nowhere in what clients, audit and error messages show', () => {
    expect(seenByClients.filter((text) => found(text).length > 0)).toEqual([]);
  });

  it('appears nowhere in the logs at debug level', () => {
    for (const name of ['control-plane', 'idp', 'everything'] as const) {
      const log = readFileSync(stack().logFile(name));
      expect(log.length).toBeGreaterThan(0);
      expect(found(log)).toEqual([]);
    }
    expect(readFileSync(stack().logFile('control-plane'), 'utf8')).toContain('"level":20');
  });

  it('appears nowhere in the database files, the configuration and the people’s homes, read as bytes', () => {
    const folders = [stack().config, join(stack().folder, 'home')];
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const names = files.map((file) => file.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['mcp-sso.db', 'mcp-sso.db-wal', 'mcp-sso.db-shm']));
    expect(files.filter((file) => found(readFileSync(file)).length > 0)).toEqual([]);
  });
});
