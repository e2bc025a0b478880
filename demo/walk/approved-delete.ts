import { approvalListSchema, type ListedApproval } from '#shared/api/approvals.js';
import type { Stack } from '../stack/stack.js';
import { BridgeSession } from './bridge.js';
import type { Played } from './chapter.js';
import { expect } from './expect.js';
import { Laptop } from './laptop.js';
import type { Scene } from './story.js';

const WHO = { person: 'alice', group: 'engineering' };
const DELETE = { tool: 'crm__delete_customer', args: { id: 'c-3' } };
const HELD: Scene = { ...DELETE, decision: 'deny', says: '', shown: 'waits' };
const DONE: Scene = { ...DELETE, decision: 'allow', says: 'Tailspin Toys is deleted' };
/** An AI app that is not told otherwise gives up after a minute; people take longer. */
const PATIENCE_MS = 300_000;
const MOST_LOOKS = 20;

/** A delete that is made when dave has approved it, while alice’s AI app waits. She cannot approve it herself. */
export async function playApproval(stack: Stack, dave: Laptop, say: (line: string) => void): Promise<Played[]> {
  const alice = new Laptop(WHO.person, stack.folder);
  const bridge = await BridgeSession.connect(alice);
  try {
    const call = bridge.call(DELETE.tool, DELETE.args, PATIENCE_MS);
    const { id, requester } = await Promise.race([waitingFor(dave), call.then(tooEarly)]);
    expect(requester.email?.startsWith('alice@') === true, `It is not alice who asks: ${requester.email}`);
    say('alice’s AI app deletes a customer. The call waits: deleting takes two people');
    const own = await alice.run('approvals', 'approve', id);
    expect(own.code === 6, `alice approved her own call (${own.code}): ${own.stdout}${own.stderr}`);
    say('  alice: mcp-sso approvals approve is refused: it takes somebody else');
    await dave.ask('approvals', 'approve', id);
    const answer = await call;
    expect(!answer.isError && answer.text.includes(DONE.says), `The approved call was not made: ${answer.text}`);
    say('  dave: mcp-sso approvals approve, and the waiting call goes through, once');
    return [
      { ...WHO, scene: HELD, answer: { ...answer, reference: undefined } },
      { ...WHO, scene: DONE, answer },
    ];
  } finally {
    await bridge.close();
  }
}

/** The one call that dave may decide. */
async function waitingFor(dave: Laptop): Promise<ListedApproval> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const { approvals } = approvalListSchema.parse(JSON.parse(await dave.ask('approvals', 'list', '--json')));
    const mine = approvals.find((approval) => approval.mine);
    if (mine) return mine;
  }
  throw new Error('dave sees no call that waits for him');
}

function tooEarly({ text }: { readonly text: string }): never {
  throw new Error(`The call did not wait for an approval: ${text}`);
}
