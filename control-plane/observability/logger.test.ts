import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Logger, shown } from './logger.js';

function capture(level?: 'debug' | 'info' | 'warn' | 'error') {
  const stream = new PassThrough();
  return { logger: new Logger(level, stream), text: () => String(stream.read() ?? '') };
}

function fieldsOf(line: string): Record<string, unknown> {
  const { time: _, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return fields;
}

test('a field that nobody declared public is written as [secret]', () => {
  const { logger, text } = capture();
  logger.info('call.forwarded', { server: shown('crm'), token: 'eyJhbGciOi', arguments: { iban: 'DE00' }, count: 3 });
  const line = text();
  expect(fieldsOf(line)).toEqual({
    level: 30,
    event: 'call.forwarded',
    server: 'crm',
    token: '[secret]',
    arguments: '[secret]',
    count: '[secret]',
  });
  expect(line).not.toContain('eyJ');
  expect(line).not.toContain('DE00');
});

test('an object that only looks tagged stays secret', () => {
  const { logger, text } = capture();
  logger.info('forged', { token: { value: 'eyJ' } });
  expect(fieldsOf(text())).toEqual({ level: 30, event: 'forged', token: '[secret]' });
});

test('nothing that is not seen can change how a line reads', () => {
  const { logger, text } = capture();
  logger.warn('client', { name: shown('a\u2028b\u202Ec\u200Bd') });
  expect(fieldsOf(text())['name']).toBe('a\u{fffd}b\u{fffd}c\u{fffd}d');
});

test('control characters can neither forge a line nor steer a terminal', () => {
  const { logger, text } = capture();
  logger.warn('client', { name: shown('a\n{"level":30}\u001B[2J\u0007\u009Bb') });
  const line = text();
  expect(line.trimEnd()).not.toContain('\n');
  expect(fieldsOf(line)).toEqual({
    level: 40,
    event: 'client',
    name: 'a\u{fffd}{"level":30}\u{fffd}[2J\u{fffd}\u{fffd}b',
  });
});

test('a tagged text is cut at 2000 characters', () => {
  const { logger, text } = capture();
  logger.error('long', { name: shown('x'.repeat(5000)) });
  expect(fieldsOf(text())['name']).toBe('x'.repeat(2000));
});

test('nothing is written below the level', () => {
  const { logger, text } = capture('warn');
  logger.debug('no');
  logger.info('no');
  expect(text()).toBe('');
});
