import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import { AbsentServers } from './absent-servers.js';

const never = (): Promise<never> => Promise.withResolvers<never>().promise;

test('who does not answer in time is absent, goes on in the background, and is announced when it answers', async () => {
  const returned: string[] = [];
  const absent = new AbsentServers((server) => returned.push(server));
  const late = Promise.withResolvers<string>();
  await expect(absent.wait('slow', late.promise, 1)).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(returned).toEqual([]);
  late.resolve('list');
  await late.promise;
  expect(returned).toEqual(['slow']);
  expect(await absent.wait('slow', Promise.resolve('again'), 1_000)).toBe('again');
  expect(returned).toEqual(['slow']);
});

test('a server that failed is announced when it answers, one that nobody missed is not', async () => {
  const returned: string[] = [];
  const absent = new AbsentServers((server) => returned.push(server));
  await absent.wait('well', Promise.resolve(1), 1_000);
  await expect(
    absent.wait('down', Promise.reject(new CodedError('upstream_unreachable')), 1_000),
  ).rejects.toMatchObject({ code: 'upstream_unreachable' });
  const left = absent.wait('left', Promise.reject(new CodedError('interrupted')), 1_000);
  await expect(left).rejects.toMatchObject({ code: 'interrupted' });
  for (const server of ['down', 'left', 'well']) await absent.wait(server, Promise.resolve(1), 1_000);
  expect(returned).toEqual(['down']);
});

test('after silence to the end the next lists wait briefly only', async () => {
  const absent = new AbsentServers(() => undefined);
  const silence = Promise.reject(new CodedError('upstream_timeout'));
  await expect(absent.wait('hole', silence, 60_000)).rejects.toMatchObject({ code: 'upstream_timeout' });
  await expect(absent.wait('hole', never(), 60_000)).rejects.toMatchObject({ detail: 'no answer within 500 ms' });
});
