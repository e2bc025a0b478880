import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receiver } from '../../control-plane/messaging/testing/receiver.js';
import { BlockDevice } from '../support/block-device.js';
import { alarmTo } from '../support/alarm.js';
import { fillUp } from '../support/fill-up.js';
import { Watchers } from '../support/outage-spell.js';
import { SettableClock } from '../support/set-clock.js';
import { useStack } from '../support/stack.js';

const FAULT = BlockDevice.fault();
const DISK_MEBIBYTES = 32;
/** What operators are told, once. */
const ALARM = [expect.stringMatching(/"type":"audit\.alarm".*The audit log (cannot|could not) be written/) as string];
const TIMEOUT_MS = 120_000;

describe('where no record can be written to SQLite, calls are refused with a reason, people are told once, and it goes on by itself', () => {
  const device = FAULT === undefined ? new BlockDevice(DISK_MEBIBYTES) : undefined;
  const stack = useStack(async () =>
    device ? { database: `sqlite:${join(device.folder, 'data', 'mcp-sso.db')}` } : {},
  );
  let receiver: Receiver | undefined;
  let clock: SettableClock;
  let watchers: Watchers | undefined;

  beforeAll(async () => {
    receiver = await Receiver.start();
    clock = new SettableClock(join(stack().folder, 'clock'));
    await alarmTo(stack(), receiver);
    await stack().startControlPlane(clock.inside);
    watchers = await Watchers.signIn(stack(), receiver);
  });
  afterAll(async () => {
    await watchers?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    await stack().stop();
  });
  // Even where the stack did not start.
  afterAll(() => device?.[Symbol.dispose]());

  it('a clock that jumps back', { timeout: TIMEOUT_MS }, async () => {
    const endured = await watchers?.endure({
      begin: () => clock.set('-1h'),
      end: () => clock.set('+0'),
      reason: /The clock of this machine is (60|59) minutes behind the newest audit record/,
    });
    expect(endured).toEqual({
      refusal: expect.stringContaining(
        'The clock of the control plane is wrong, so nothing can be put on record and the call was refused.',
      ) as string,
      messages: ALARM,
    });
  });

  it.skipIf(!device)(`a full disk${FAULT === undefined ? '' : ` (${FAULT})`}`, { timeout: TIMEOUT_MS }, async () => {
    await stack().startControlPlane();
    const fill = join(device?.folder ?? '', 'fill');
    const endured = await watchers?.endure({
      begin: () => fillUp(fill),
      end: () => rmSync(fill),
      reason: /database or disk is full/,
    });
    expect(endured).toEqual({
      refusal: expect.stringContaining('The audit log cannot be written, so the call was refused.') as string,
      messages: ALARM,
    });
  });
});
