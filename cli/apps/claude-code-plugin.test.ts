import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hookReport } from '../agent-hooks/hook-report.js';

function read(file: string): Record<string, unknown> {
  const url = new URL(`claude-code-plugin/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Record<string, unknown>;
}

test('every hook of the plugin runs mcp-sso hook, briefly, and is one that it understands', () => {
  const hooks = read('hooks/hooks.json')['hooks'] as Record<string, { hooks: unknown[] }[]>;
  for (const [event, groups] of Object.entries(hooks)) {
    expect(groups.flatMap((group) => group.hooks)).toEqual([{ type: 'command', command: 'mcp-sso hook', timeout: 5 }]);
    expect(hookReport({ hook_event_name: event, session_id: 's' })).toMatchObject({ event });
  }
  expect(Object.keys(hooks)).toHaveLength(6);
});

test('the folder is a marketplace with this one plugin', () => {
  const { name } = read('.claude-plugin/plugin.json');
  expect(read('.claude-plugin/marketplace.json')['plugins']).toMatchObject([{ name, source: './' }]);
});
