import { afterEach, beforeEach, expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const AGENT = { host: 'codex', session: 'thread-1', source: 'message' } as const;

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

  const refs = async (id: string, person?: string): Promise<unknown[]> =>
    (await audit.service.session(id, person)).nodes.map(({ kind, ref }) => `${kind} ${ref}`);

  test('a session is found by the id of the sign-in, of the trace, and of the app', async () => {
    const { id } = await audit.service.write(intent({ trace: TRACE, span: 'b7ad6b7169203331' }, { agent: AGENT }));
    await audit.service.write(outcome(id));
    await audit.service.write({ ...intent({ trace: TRACE }), type: 'list', phase: 'event' });
    const tree = ['person usr_alice', 'session ses_1', 'conversation thread-1', `call ${id}`];
    for (const one of ['ses_1', TRACE, 'thread-1']) expect(await refs(one)).toEqual(tree);
    const { nodes, truncated } = await audit.service.session('ses_1');
    expect([nodes.at(-1)?.call, truncated]).toEqual([
      {
        type: 'tool.call',
        server: 'finance',
        target: 'get_report',
        decision: 'allow',
        outcome: 'ok',
        duration: 42,
        toolUse: null,
        trace: TRACE,
        span: 'b7ad6b7169203331',
        parentSpan: null,
      },
      false,
    ]);
  });

  test('a person finds their own alone, also where somebody else claims the same', async () => {
    await audit.service.write(intent({}, { agent: AGENT }));
    const { id } = await audit.service.write(intent({ person: 'usr_bob', session: 'ses_2' }, { agent: AGENT }));
    expect(await refs('thread-1')).toHaveLength(8);
    const own = ['person usr_bob', 'session ses_2', 'conversation thread-1', `call ${id}`];
    expect(await refs('thread-1', 'usr_bob')).toEqual(own);
    await expect(audit.service.session('ses_1', 'usr_bob')).rejects.toMatchObject({ code: 'not_found' });
    await expect(audit.service.session('thread')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('nobody’s claim stands beside the calls of a sign-in by claiming its id', async () => {
    const mallory = { person: 'usr_mallory', session: 'ses_2', trace: TRACE };
    await audit.service.write(intent(mallory, { agent: { ...AGENT, session: 'ses_1' } }));
    const { id } = await audit.service.write(intent());
    expect(await refs('ses_1')).toEqual(['person usr_alice', 'session ses_1', `call ${id}`]);
    expect(await refs('ses_1', 'usr_mallory')).toContain('person usr_mallory');
  });

  test('of a person who was erased, the calls are left and nothing that was said of agents', async () => {
    const { id } = await audit.service.write(intent({}, { agent: AGENT }));
    await audit.service.erase(['usr_alice']);
    expect(await refs('ses_1')).toEqual(['person usr_alice', 'session ses_1', `call ${id}`]);
  });
});
