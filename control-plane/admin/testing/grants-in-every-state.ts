import { grantRequestSchema, grantSchema } from '#shared/api/grants.js';
import type { Company } from './company.js';
import { denialOf } from './denials.js';

/** Ids of a break-glass grant of the approver's, and of two requests of bob's. */
export async function grantsInEveryState(of: Company): Promise<{ taken: string; good: string; bad: string }> {
  const approver = await of.administer('approver');
  const bob = await of.administer('bob');
  const emergency = { server: 'crm', minutes: 5, reason: 'Outage' };
  const taken = grantSchema.parse((await approver.ask('POST', '/api/v1/grants/break-glass', {}, emergency)).body);
  const ask = async (target: string): Promise<string> => {
    const wish = { reference: await denialOf(of, bob.person, { target }), reason: 'Ticket 4711' };
    return grantRequestSchema.parse((await bob.ask('POST', '/api/v1/grants/requests', {}, wish)).body).id;
  };
  return { taken: taken.id, good: await ask('good'), bad: await ask('bad') };
}
