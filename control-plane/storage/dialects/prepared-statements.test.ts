import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PreparedStatements } from './prepared-statements.js';

let statements: PreparedStatements;
const run = (sql: string, ...values: unknown[]) => statements.prepare(sql).run(values);
const all = (sql: string) => statements.prepare(sql).all([]);

beforeEach(() => {
  statements = new PreparedStatements(new SQLite(':memory:'));
  run('create table notes (text text)');
});
afterEach(() => statements.close());

test('a statement is prepared once and takes other values', () => {
  const insert = 'insert into notes (text) values (?)';
  expect(statements.prepare(insert)).toBe(statements.prepare(insert));
  run(insert, 'a');
  run(insert, 'b');
  expect(all('select text from notes')).toEqual([{ text: 'a' }, { text: 'b' }]);
});

test('a statement from before a change of the schema sees the change', () => {
  run('insert into notes (text) values (?)', 'a');
  expect(all('select * from notes')).toEqual([{ text: 'a' }]);
  run('alter table notes add column size integer');
  expect(all('select * from notes')).toEqual([{ text: 'a', size: null }]);
});

test('those that were not used for longest are forgotten', () => {
  const first = statements.prepare('select 0');
  for (let number = 1; number < 200; number += 1) statements.prepare(`select ${number}`);
  expect(statements.prepare('select 0')).toBe(first);
  const second = statements.prepare('select 1');
  for (let number = 200; number < 399; number += 1) statements.prepare(`select ${number}`);
  expect(statements.prepare('select 1')).toBe(second);
  expect(statements.prepare('select 0')).not.toBe(first);
});
