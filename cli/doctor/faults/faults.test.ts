import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '#shared/errors.js';
import { describeFix } from '../../commands/doctor/finding-lines.js';
import { checksOn } from '../checks.js';
import type { FaultForm } from '../finding.js';
import { COMMON_FAULTS, fault, FAULTS } from './faults.js';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/troubleshooting.md');
const CHECKS = checksOn('win32').concat(checksOn('linux').filter(({ name }) => name === 'bridges'));
const titles = new Map(CHECKS.map(({ name, title }) => [name, title]));

/** What the guide must say of each fault: the check, the sentence, what mends it, and the exit code (none for a warning). */
const told = Object.entries(FAULTS).flatMap(([check, faults]) =>
  Object.values<FaultForm>(faults).map(({ state, code, text, fix }) => {
    const exit = state === 'failed' ? String(ERRORS[code].exit) : 'warning';
    return [titles.get(check as keyof typeof FAULTS) ?? '', text, describeFix(fix), exit];
  }),
);

/** Names in braces stand for facts; the guide writes them in capitals. */
function asInGuide(cells: readonly string[]): string {
  return cells.map((cell) => cell.replaceAll(/\{(\w+)\}/g, (_slot, name: string) => name.toUpperCase())).join(' | ');
}

test('the guide has every fault of every check with what mends it, and no other', () => {
  const [, section = ''] =
    /^# When an AI app has no tools\n([\s\S]*?)(?=^# |(?![\s\S]))/m.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(cells.map((row) => row.join(' | '))).toEqual(told.map(asInGuide));
});

test('what any check can end with is in the guide too', () => {
  const guide = readFileSync(GUIDE, 'utf8');
  for (const { text } of Object.values(COMMON_FAULTS)) expect(guide).toContain(asInGuide([text]));
});

test('no two faults have one name, and each check that has a fault is run', () => {
  const names = Object.values(FAULTS).flatMap((faults) => Object.keys(faults));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(Object.keys(FAULTS))).toEqual(new Set(titles.keys()));
});

test('facts are filled in as one short line each', () => {
  const found = fault('dns', 'name_unanswered', { host: 'mcp.acme.example\nok  all is well', reason: 'x'.repeat(400) });
  expect(found).toEqual({
    state: 'failed',
    code: 'network',
    fault: 'name_unanswered',
    detail: `No name server said where mcp.acme.example\u{fffd}ok  all is well is (${'x'.repeat(300)}).`,
    fix: { person: 'you', task: 'Check whether this computer is online.' },
  });
});
