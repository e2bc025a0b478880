import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runAsAccount } from './run-as-account.js';

const root = process.getuid?.() === 0;
const own = { name: 'me', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home: tmpdir() };
const shell = (line: string) => ['/bin/sh', '-c', line] as const;

test.skipIf(!root)(
  'a program runs with the ids of the account alone, none of our environment, and no terminal',
  async () => {
    const line = 'id -u; id -g; id -G; pwd; cut -d" " -f1,6,7 /proc/self/stat; env | sort';
    const run = await runAsAccount(
      { name: 'p', uid: 61_001, gid: 61_002, home: '/home/p' },
      shell(`exec 2>&1; echo $$; ${line}`),
    );
    if ('failure' in run) throw new Error(run.failure);
    const [leader, uid, gid, groups, folder, state = '', ...env] = run.stdout.trim().split('\n');
    expect({ uid, gid, groups, folder, code: run.code }).toEqual({
      uid: '61001',
      gid: '61002',
      groups: '61002',
      folder: '/',
      code: 0,
    });
    const [, session, terminal] = state.split(' ');
    expect({ session, terminal }).toEqual({ session: leader, terminal: '0' });
    expect(env.filter((one) => !/^(_|SHLVL|OLDPWD)=/.test(one))).toEqual([
      'HOME=/home/p',
      'LOGNAME=p',
      'PATH=/usr/bin:/bin',
      'PWD=/',
      'USER=p',
    ]);
  },
);

test('one that its owner has stopped, or that has left a process behind, holds nobody up', async () => {
  expect(await runAsAccount(own, shell('kill -STOP $$'), 200)).toEqual({
    failure: 'it did not end within 0.2 seconds',
  });
  expect(await runAsAccount(own, shell('sleep 600 &'), 200)).toEqual({ failure: 'it did not end within 0.2 seconds' });
});

test('one that writes without end is ended', async () => {
  expect(await runAsAccount(own, ['/usr/bin/yes'])).toEqual({ failure: 'it wrote more than was asked for' });
});

test('one that cannot be started, or is killed, is a failure with words', async () => {
  expect(await runAsAccount(own, ['/nowhere/at-all'])).toEqual({
    failure: '/nowhere/at-all could not be started (ENOENT)',
  });
  expect(await runAsAccount(own, shell('kill -KILL $$'))).toEqual({ failure: 'it was ended by SIGKILL' });
});
