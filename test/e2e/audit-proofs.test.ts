import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditPageSchema } from '#shared/api/audit.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { isPythonMissing, verifyInPython } from '../support/python.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let alice: Laptop;
let dave: Laptop;
/** As the administrator publishes it. */
let key: string;

const at = (...names: string[]): string => join(stack().folder, ...names);
const audit = (...words: string[]) => dave.run('audit', ...words);

async function call(): Promise<void> {
  const session = await BridgeSession.connect(alice, { app: { name: 'claude-ai', version: '1.4.2' } });
  await session.call('crm__list_customers');
  await session.close();
}

beforeAll(async () => {
  alice = new Laptop('alice', stack().folder);
  dave = new Laptop('dave', stack().folder);
  for (const laptop of [alice, dave]) await laptop.login(stack().addresses.publicUrl);
  await call();
  const { code, stderr } = await audit('export', '--to', at('first'), '--payloads');
  if (code !== 0) throw new Error(stderr);
  key = (await readFile(at('first', 'verifier-key.txt'), 'utf8')).trim();
  await call();
});

describe('an export', () => {
  it('verifies offline, also after the log has grown, and goes on from the one before', async () => {
    const since = at('first', 'checkpoint.txt');
    const first = await audit('verify', '--export', at('first'), '--key', key);
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/^The export is intact: \d+ records\.\nRoot  /),
    ]);
    expect(await audit('export', '--to', at('second'), '--since', since)).toMatchObject({ code: 0 });
    const second = await audit('verify', '--export', at('second'), '--key', key, '--since', since);
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('the earlier checkpoint covered')]);
    expect(await audit('verify', '--since', since)).toMatchObject({ code: 0 });
  });

  it('of which one byte was changed is found, with the record', async () => {
    await audit('export', '--to', at('changed'));
    const file = at('changed', 'headers.ndjson');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"decision":"allow"', '"decision":"alloW"'));
    const { code, stderr } = await audit('verify', '--export', at('changed'), '--key', key);
    expect([code, stderr]).toEqual([
      8,
      expect.stringMatching(/Record \d+ was edited: it no longer has the hash under which it was logged\./),
    ]);
  });

  it('needs the key as it was published', async () => {
    expect(await audit('verify', '--export', at('first'))).toMatchObject({ code: 2 });
    const other = key.replace(/^[^+]+/, 'elsewhere');
    expect(await audit('verify', '--export', at('first'), '--key', other)).toMatchObject({ code: 2 });
  });

  it.skipIf(isPythonMissing())('verifies with another implementation', async () => {
    expect(await verifyInPython('export', at('first'), key)).toMatchObject({ exit: 0 });
  });
});

describe('a receipt', () => {
  it('of a call proves what was decided and what came of it, to anybody with the key', async () => {
    const found = await audit('search', '--user', 'alice', '--tool', 'list_customers', '--json');
    const id = auditPageSchema.parse(JSON.parse(found.stdout)).entries[0]?.id ?? '';
    expect(await audit('receipt', id, '--out', at('call.json'))).toMatchObject({ code: 0 });
    const verified = await audit('verify', '--receipt', at('call.json'), '--key', key, '--json');
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([
      0,
      {
        intact: true,
        records: [
          { header: { id, phase: 'intent', facts: { server: 'crm', decision: 'allow' } } },
          { header: { ref: id, phase: 'outcome', facts: { outcome: 'ok' } } },
        ],
      },
    ]);
    await writeFile(at('forged.json'), (await readFile(at('call.json'), 'utf8')).replace('allow', 'alloW'));
    expect(await audit('verify', '--receipt', at('forged.json'), '--key', key)).toMatchObject({ code: 8 });
  });

  it('is for those who may read the audit', async () => {
    expect(await alice.run('audit', 'receipt', '0190f9d5-0000-7000-8000-000000000000')).toMatchObject({ code: 6 });
  });
});
