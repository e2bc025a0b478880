import { expect, test } from 'vitest';
import { redactText } from '../credentials/redaction.js';
import { refusalOf } from './refusal.js';

const SECRET = 'Kt7uQ2mX9w<&>Zr4vB8nL1p';

function detailOf(location: string): string {
  const head = { url: 'https://crm.test/mcp', status: 307, headers: { location } };
  return redactText([SECRET], refusalOf(head)?.detail ?? '');
}

test('a redirect is named with its address, without its query', () => {
  expect(detailOf('https://crm.test/new?key=1')).toContain('HTTP 307 to https://crm.test/new: write that address');
});

test('attack: a redirect repeats the secret where a long address would be cut in two', () => {
  for (let before = 0; before < 250; before += 1) {
    const detail = detailOf(`https://evil.test/${'a'.repeat(before)}${encodeURIComponent(SECRET)}/more`);
    expect(detail).toContain('HTTP 307 to https://evil.test/');
    expect(detail).not.toMatch(/Kt7u|nL1p/);
  }
});
