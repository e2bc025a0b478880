import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receiver } from '../../control-plane/messaging/testing/receiver.js';
import type { Stack } from '../../demo/stack/stack.js';
import { reconfigure } from './device.js';

/** Alarms of the audit go to `receiver` from now on; the control plane is started again. */
export async function alarmTo(stack: Stack, receiver: Receiver): Promise<void> {
  writeFileSync(join(stack.config, 'hook'), `whsec_${Buffer.alloc(32, 5).toString('base64')}`, { mode: 0o600 });
  const hook = `{ url: "${receiver.url}", secret: "file:./hook", events: [audit.alarm] }`;
  await reconfigure(stack, (settings) => `${settings}\nnotifications:\n  webhooks:\n    ops: ${hook}\n`);
}
