import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openLog } from './log.js';

test('without settings only warnings reach stderr, in one line each', () => {
  const lines: string[] = [];
  const log = openLog({}, (line) => lines.push(line));
  log.info('quiet');
  log.warn('not answered', { method: 'tools/call\nforged\u{1b}[2J', code: 'network' });
  expect(lines).toEqual(['mcp-sso: not answered method=tools/call\u{fffd}forged\u{fffd}[2J code=network\n']);
});

test('MCP_SSO_LOG_LEVEL=none silences stderr', () => {
  const lines: string[] = [];
  openLog({ MCP_SSO_LOG_LEVEL: 'none' }, (line) => lines.push(line)).warn('x');
  expect(lines).toEqual([]);
});

test('the file is JSON lines, readable by its owner only', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'mcp-sso-log-')), 'bridge.log');
  const log = openLog({ MCP_SSO_LOG_FILE: path, MCP_SSO_LOG_LEVEL: 'debug' }, () => undefined);
  log.debug('answered', { method: 'ping', milliseconds: 1 });
  const line = await vi.waitFor(async () => {
    const written = await readFile(path, 'utf8');
    expect(written).not.toBe('');
    return JSON.parse(written) as object;
  });
  expect(line).toMatchObject({ level: 'debug', event: 'answered', method: 'ping', milliseconds: 1 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
