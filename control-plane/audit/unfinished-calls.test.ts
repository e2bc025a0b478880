import { expect, test } from 'vitest';
import { onEachEngine } from '../storage/testing/engines.js';
import { TemporaryAudit } from './testing/open-audit.js';
import { intent, outcome } from './testing/records.js';

onEachEngine((engine) => {
  test('a call under which the control plane was killed has an unknown outcome, on record where nobody else can be at it', async () => {
    await using temporary = await TemporaryAudit.create(engine);
    const killed = await temporary.open();
    const { id: old } = await killed.service.write(intent());
    await killed.service.recordStart();
    const { id: answered } = await killed.service.write(intent());
    await killed.service.write(outcome(answered));
    const { id: open } = await killed.service.write(intent({ target: 'delete_report' }));
    // Its locks and connections go with a process; that it says nothing more is what matters here.
    await killed.storage.onApplicationShutdown();

    await using audit = await temporary.open();
    await audit.service.recordStart();
    await audit.service.recordStart();
    const { entries } = await audit.service.search({ type: 'tool.call', limit: 10 });
    expect(entries.map(({ id, outcome: known, duration }) => [id, known, duration])).toEqual([
      [open, 'unknown', null],
      [answered, 'ok', 42],
      [old, 'unknown', null],
    ]);
    const { headers } = await audit.service.log(0);
    const closing = headers
      .map((header) => JSON.parse(header) as { ref?: string; phase: string; facts: object })
      .flatMap(({ ref, phase, facts }) => (ref === open ? [{ phase, facts }] : []));
    const about = { person: 'usr_alice', session: 'ses_1', client: 'mcp-bridge', server: 'finance' };
    const facts = { ...about, target: 'delete_report', outcome: 'unknown', code: 'outcome_unknown' };
    expect(closing).toMatchObject(engine === 'postgres' ? [] : [{ phase: 'outcome', facts }]);
  });
});
