import { expect, test } from 'vitest';
import type { AuditRecord } from '#shared/api/audit-record.js';
import type { CommandContext } from '../context.js';
import { showAudit } from './audit-show.js';

const RECORD: AuditRecord = {
  id: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  index: 7,
  version: 1,
  time: '2026-11-17T13:03:22.123Z',
  type: 'tool.call',
  phase: 'intent',
  ref: null,
  facts: { person: 'usr_alice', policies: ['a', 'b'], requestBytes: 120 },
  commitment: 'ab'.repeat(32),
  personal: { arguments: '{"note":"\u001b[31mred"}', claimedClient: { name: 'Claude', version: '1' } },
  payload: 'shown',
};

async function show(records: AuditRecord[], json = false): Promise<string> {
  let printed = '';
  const context: CommandContext = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env: {},
    json,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T08:30:00Z'),
    paths: { config: '/none', state: '/none', cache: '/none' },
  };
  const read = (path: string): Promise<unknown> =>
    path === `/api/v1/audit/${RECORD.id}` ? Promise.resolve({ records }) : Promise.reject(new Error(path));
  expect(await showAudit(context, RECORD.id, read)).toBe(0);
  return printed;
}

test('every field has its line, and nothing in it steers the terminal', async () => {
  const printed = await show([RECORD]);
  expect(printed).toContain('tool.call (intent), record 7\n');
  expect(printed).toContain('  policies       ["a","b"]\n');
  expect(printed).toContain('  claimedClient  {"name":"Claude","version":"1"}\n');
  expect(printed).not.toContain('\u001b');
});

test('what is withheld says so; JSON is the answer as it is', async () => {
  const withheld = { ...RECORD, personal: null, payload: 'withheld' as const };
  expect(await show([withheld])).toContain('The personal part is withheld: it needs the role auditor.\n');
  expect(JSON.parse(await show([RECORD], true))).toEqual({ records: [RECORD] });
  const hostile = { ...RECORD, facts: { 'x\u009b': '\u009b2J\u202e' } };
  expect(await show([hostile], true)).toContain(String.raw`{"x\u009b":"\u009b2J\u202e"}`);
  expect(await show([hostile])).not.toMatch(/[\u009b\u202e]/);
});
