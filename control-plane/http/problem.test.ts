import { ForbiddenException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { codedErrorOf, problemOf } from './problem.js';

const problem = (thrown: unknown) => problemOf(codedErrorOf(thrown));

test('a coded error keeps its public text; its detail stays behind', () => {
  const error = new CodedError('sign_in_failed', { message: 'The group is missing.', detail: 'sub 42 at okta' });
  expect(problem(error)).toEqual({ status: 403, code: 'sign_in_failed', detail: 'The group is missing.' });
});

test('what stands behind the ? of an address is in no detail', () => {
  const { detail } = codedErrorOf(new NotFoundException('Cannot GET /x?access_token=secret\nmore'));
  expect(detail).toBe('Cannot GET /x?…');
});

test('what nobody foresaw says nothing about itself', () => {
  expect(problem(new Error('SQLITE_IOERR: /var/lib/secret.db'))).toEqual({
    status: 500,
    code: 'internal',
    detail: 'Something went wrong inside mcp-sso.',
  });
  expect(problem('a string')).toMatchObject({ code: 'internal' });
  expect(problem(undefined)).toMatchObject({ code: 'internal' });
});

test.each([
  [new NotFoundException('Cannot GET /x'), 404, 'not_found'],
  [new ForbiddenException('Forbidden resource'), 403, 'role_missing'],
  [new PayloadTooLargeException(), 413, 'request_too_large'],
  [Object.assign(new Error('unsupported media type'), { statusCode: 415 }), 400, 'params_invalid'],
  [Object.assign(new Error('teapot'), { statusCode: 599 }), 500, 'internal'],
])('%s', (thrown, status, code) => {
  expect(problem(thrown)).toMatchObject({ status, code });
});
