import { expect, test } from 'vitest';
import type { ExportList } from '#shared/api/exports.js';
import type { CommandContext } from '../context.js';
import { listExports } from './exports.js';

const LIST: ExportList = {
  exports: [
    {
      name: 'splunk',
      kind: 'splunk-hec',
      next: 1200,
      waiting: 340,
      lagSeconds: 671.4,
      failingSince: '2026-11-23T08:19:00.000Z',
      failure: 'it answered with status 401: its key is not accepted\u001b[2J',
    },
    { name: 'archive', kind: 'file', next: 1540, waiting: 0, lagSeconds: 0, failingSince: null, failure: null },
  ],
  checkpoints: [
    { name: 'vault', kind: 'object-storage', size: 1500, waiting: 1, lagSeconds: 12 },
    { name: 'notary', kind: 'webhook', size: null, waiting: 0, lagSeconds: 0 },
  ],
};

async function printed(list: ExportList, json = false): Promise<string> {
  let out = '';
  const context = { json, stdout: (text: string) => void (out += text) } as unknown as CommandContext;
  const asked: string[] = [];
  const call = async (method: string, path: string) => {
    asked.push(`${method} ${path}`);
    return list;
  };
  expect(await listExports(context, { tz: 'UTC' }, call)).toBe(0);
  expect(asked).toEqual(['GET /api/v1/exports']);
  return out;
}

test('exports and places for checkpoints are a line each, and why one fails below, without control characters', async () => {
  expect(await printed(LIST)).toBe(
    [
      'EXPORT   KIND        NEXT RECORD  WAITING  SECONDS BEHIND  FAILING SINCE',
      'splunk   splunk-hec  1200         340      671             2026-11-23 08:19:00',
      'archive  file        1540         0        0               -',
      '',
      'CHECKPOINTS TO  KIND            RECORDS COVERED  WAITING  SECONDS BEHIND',
      'vault           object-storage  1500             1        12',
      'notary          webhook         -                0        0',
      '',
      'The export splunk takes nothing:',
      '  it answered with status 401: its key is not accepted\ufffd[2J',
      '',
      'Times are UTC.',
      '',
    ].join('\n'),
  );
});

test('as JSON it is what the API said', async () => {
  expect(JSON.parse(await printed(LIST, true))).toEqual(LIST);
});

test('where nothing leaves the box, the key that changes it is named', async () => {
  expect(await printed({ exports: [], checkpoints: [] })).toBe(
    [
      'No record leaves the box: `audit.export` of mcp-sso.yaml names no sink.',
      '',
      'No checkpoint leaves the box: `audit.checkpoints.to` of mcp-sso.yaml names no place.',
      '',
    ].join('\n'),
  );
});
