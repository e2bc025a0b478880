import { grantRequestSchema } from '#shared/api/grants.js';
import type { Stack } from '../stack/stack.js';
import { BridgeSession } from './bridge.js';
import type { Played } from './chapter.js';
import { expect } from './expect.js';
import { Laptop } from './laptop.js';
import type { Scene } from './story.js';

const WHO = { person: 'carol', group: 'contractors, sales' };
const WRITE = { tool: 'crm__add_customer', args: { name: 'Woodgrove', city: 'Turin' } };
const DENIED: Scene = { ...WRITE, decision: 'deny', says: 'No policy permits' };
const GRANTED: Scene = { ...WRITE, decision: 'allow', says: 'Woodgrove' };

/** A contractor's denied write, and the grant by which dave opens it for ten minutes. */
export async function playGrant(stack: Stack, dave: Laptop, say: (line: string) => void): Promise<Played[]> {
  await stack.changePerson('carol', { groups: ['contractors', 'sales'] });
  const carol = new Laptop(WHO.person, stack.folder);
  await carol.login(stack.addresses.publicUrl);
  const bridge = await BridgeSession.connect(carol);
  try {
    const denied = await bridge.call(WRITE.tool, WRITE.args);
    expect(denied.isError && denied.text.includes(DENIED.says), `carol must not write yet: ${denied.text}`);
    say('carol (contractor) joins sales for a fair: she may read customers, and is refused when she adds one');
    const asked = await carol.ask(
      'grants',
      'request',
      denied.reference ?? '',
      '--for',
      '10m',
      '--reason',
      'A fair',
      '--json',
    );
    const { id } = grantRequestSchema.parse(JSON.parse(asked));
    say(`  carol: mcp-sso grants request ${denied.reference} --for 10m --reason "A fair"`);
    await dave.ask('grants', 'approve', id);
    say('  dave: mcp-sso grants approve, and carol’s next call goes through, for ten minutes');
    const granted = await bridge.call(WRITE.tool, WRITE.args);
    expect(!granted.isError && granted.text.includes(GRANTED.says), `The grant opened nothing: ${granted.text}`);
    return [
      { ...WHO, scene: DENIED, answer: denied },
      { ...WHO, scene: GRANTED, answer: granted },
    ];
  } finally {
    await bridge.close();
  }
}
