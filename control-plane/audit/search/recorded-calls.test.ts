import { afterEach, beforeEach, expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import type { Position } from './cursor.js';

const EVER = { since: 0, until: Number.MAX_SAFE_INTEGER };

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  test('calls come in batches, oldest first, each once, and nothing else', async () => {
    const ids: string[] = [];
    for (const target of ['a', 'b', 'c', 'd', 'e']) {
      const { id } = await audit.service.write(intent({ target }, { policyInput: `input of ${target}` }));
      ids.push(id);
      await audit.service.write(outcome(id));
      await audit.service.write({ ...intent({ target }), type: 'list', phase: 'event' });
    }
    // All at one moment: the order is then that of the ids.
    await audit.storage.db.updateTable('audit_index').set({ ts: 5 }).execute();
    const seen: string[] = [];
    let after: Position | undefined;
    for (let batch = 0; batch < 3; batch += 1) {
      const calls = await audit.service.recordedCalls({ ...EVER, after, limit: 2 });
      seen.push(...calls.map(({ input }) => input ?? ''));
      after = calls.at(-1);
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'].map((target) => `input of ${target}`));
    expect(await audit.service.countCalls(EVER)).toBe(5);
    expect(await audit.service.countCalls({ since: 0, until: 5 })).toBe(0);
    expect(await audit.service.recordedCall(ids[1]!)).toMatchObject({
      id: ids[1],
      facts: { person: 'usr_alice', server: 'finance', target: 'b', decision: 'allow' },
      input: 'input of b',
      payload: 'shown',
    });
  });

  test('a reference that is no call, and one that is nothing, is not found', async () => {
    const { id } = await audit.service.write({ ...intent(), type: 'audit.read', phase: 'event' });
    for (const reference of [id, '', 'x\0y', "' or 1=1 --"]) {
      expect(await audit.service.recordedCall(reference)).toBeUndefined();
    }
  });

  test('what was erased has no input any more', async () => {
    const { id } = await audit.service.write(intent({}, { policyInput: '{}' }));
    await audit.service.erase(['usr_alice']);
    expect(await audit.service.recordedCall(id)).toMatchObject({ input: undefined, payload: 'erased' });
  });
});
