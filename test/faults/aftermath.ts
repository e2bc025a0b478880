import { Laptop } from '../../demo/walk/laptop.js';
import { searchWholeAudit } from '../support/audit.js';
import { signInAsAuditor } from '../support/person.js';
import { allEnded, processesWith } from '../support/processes.js';
import { receivedCalls } from './received-calls.js';
import type { Testbed } from './testbed.js';
import { violations } from './violations.js';

/** Of a list that may be long when all goes wrong. */
const SHOWN = 20;

/** What a run leaves behind where every rule held. */
export const UNHARMED = { violations: [], stray: [], verified: 0, processes: [] };

/** Lets every call have its answer, compares what was asked, heard, received and recorded, and ends everything. */
export async function aftermath(testbed: Testbed): Promise<Record<keyof typeof UNHARMED, unknown>> {
  const { stack, apps, received, mark } = testbed;
  await Promise.all(apps.map((app) => app.finish()));
  const intents = await searchWholeAudit(stack, await signInAsAuditor(stack), { type: 'tool.call' });
  const calls = apps.flatMap((app) => app.calls);
  const dave = new Laptop('dave', stack.folder);
  await dave.login(stack.addresses.publicUrl);
  const { code } = await dave.run('audit', 'verify');

  const hosted = processesWith(mark);
  await stack.stopControlPlane('SIGKILL');
  await allEnded(hosted);
  await testbed.stop();
  return {
    violations: violations(calls, receivedCalls(received), intents).slice(0, SHOWN),
    stray: apps.flatMap((app) => app.stray),
    verified: code,
    processes: processesWith(stack.folder),
  };
}
