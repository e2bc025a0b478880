import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockDatabase } from './database-lock.js';

test('one holder at a time; the next one may follow', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const first = lockDatabase('sqlite:./data/mcp-sso.db', directory);
  expect(() => lockDatabase('sqlite:./data/mcp-sso.db', directory)).toThrow(
    'Another mcp-sso-control-plane is running on this database. Stop it first, then run this again.',
  );
  first[Symbol.dispose]();
  lockDatabase('sqlite:./data/mcp-sso.db', directory)[Symbol.dispose]();
});
