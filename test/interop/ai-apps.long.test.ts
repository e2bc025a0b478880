import { describe, expect, it } from 'vitest';
import { run } from '../../demo/stack/command.js';
import { AI_APPS } from './ai-apps.js';
import { ScriptedModel } from './models/scripted-model.js';
import { expectNoBridge, usePersonWithBridge } from './person-with-bridge.js';
import { mcporter } from './stdio-clients.js';
import { describeStdioClients } from './through-stdio.js';

const CALL = { tool: 'crm__get_customer', input: { id: 'c-1' } };
const PATIENCE = 180_000;

describe('AI apps that people use, each asked one question that a scripted model answers with a call', () => {
  const alice = usePersonWithBridge();

  it.each(AI_APPS)('$name lists and calls, and leaves no process behind', async ({ prepare }) => {
    await using model = await ScriptedModel.listen(CALL);
    const { home, folder, bridge } = alice();
    const { program, args, env } = prepare({ home, folder, bridge, model: model.url });
    const path = process.env['PATH'] ?? '';
    const app = await run(program, args, { cwd: folder, env: { PATH: path, ...env }, timeout: PATIENCE });
    expect({ ...app, results: model.results }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Done.'),
      results: [expect.stringContaining('Nordwind Logistics')],
    });
    expect([...model.offered].filter((name) => name.endsWith('crm__list_customers'))).toHaveLength(1);
    await expectNoBridge(alice());
  });
});

describeStdioClients({ mcporter });
