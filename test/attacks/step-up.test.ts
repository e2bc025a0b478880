// Pitfall 25 of the identity reference: a step-up that can be walked around.
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { approvalOf, accountOf, signInAs } from '../../demo/walk/sign-in.js';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm } from '../support/crm-log.js';
import { credentials, type HttpAnswer } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { browserUpToCallback, redeem, signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { beginStepUp, GUARDED_ADDING } from '../support/step-up.js';

const stack = useStack(async () => ({ more: { servers: '', policies: GUARDED_ADDING } }));
let alice: SignedIn;
beforeEach(async () => {
  alice = await signIn(stack(), 'alice');
});

async function addCustomer(by: SignedIn): Promise<HttpAnswer> {
  const url = `${stack().addresses.publicUrl}${PATHS.mcp}/crm`;
  const call = { name: 'add_customer', arguments: { name: 'Attack Ltd', city: 'Bern' } };
  return sendMcp(url, await credentials(by, 'POST', url), 'tools/call', call);
}

/** The handle that comes with the refusal. */
async function handleFor(by: SignedIn): Promise<string> {
  const { error } = JSON.parse((await addCustomer(by)).text) as { error: { data: { stepUp: string } } };
  return error.data.stepUp;
}

const sessionOf = ({ accessToken }: SignedIn): unknown => decodeJwt(accessToken)['sid'];

describe('pitfall 25, step-up bypass: a call that demands a fresh sign-in', () => {
  it('is demanded of an old session: 401 by RFC 9470, nothing reaches the server, the denial is on record', async () => {
    const before = callsAtCrm(stack());
    const { status, challenges, text } = await addCustomer(alice);
    expect(status).toBe(401);
    for (const challenge of challenges) {
      expect(challenge).toContain('error="insufficient_user_authentication"');
      expect(challenge).toContain('max_age="300", acr_values="demo-mfa"');
    }
    expect(text).toContain('Company policy (policy fresh-to-add): Adding customers needs the person themselves.');
    expect(callsAtCrm(stack())).toEqual(before);
    const [record] = await searchAudit(stack(), await signInAsAuditor(stack()), { type: 'tool.call' });
    expect(record).toMatchObject({
      decision: 'deny',
      policies: ['fresh-to-add'],
      reason: expect.stringContaining('This call needs a sign-in from the last 5 minutes'),
    });
  });

  it('by the person, for the key of the session, renews that session', async () => {
    const started = await beginStepUp(stack(), await handleFor(alice), alice);
    const { url } = await signInAs(browserUpToCallback(), started.url, 'alice');
    const renewed = await redeem(started, url, 'alice', alice.keys);
    expect(sessionOf(renewed)).toBe(sessionOf(alice));
    expect((await addCustomer(alice)).status).toBe(200);
  });

  it('completed by another person is refused on the page, on record, and changes nothing', async () => {
    const started = await beginStepUp(stack(), await handleFor(alice), alice);
    const browser = browserUpToCallback();
    const choose = await browser.open(started.url);
    const bob = accountOf(choose, 'bob');
    if (!bob) throw new Error('There is no account to choose.');
    const page = await browser.press(choose, bob.form, bob.button);
    expect(page.status).toBe(403);
    expect(page.text).toContain('You signed in as Bob Bakker (bob@demo.example), but only Alice Ahrens');
    expect(approvalOf(page)).toBeUndefined();
    expect((await addCustomer(alice)).status).toBe(401);
    const refused = await searchAudit(stack(), await signInAsAuditor(stack()), { type: 'auth.refused' });
    expect(refused[0]).toMatchObject({ decision: 'deny', person: { email: 'bob@demo.example' } });
  });

  it('of one session renews no other, and a stolen handle gives nobody the session', async () => {
    const other = await signIn(stack(), 'alice');
    const started = await beginStepUp(stack(), await handleFor(alice), other);
    const { url } = await signInAs(browserUpToCallback(), started.url, 'alice');
    const third = await redeem(started, url, 'alice', other.keys);
    expect([sessionOf(alice), sessionOf(other)]).not.toContain(sessionOf(third));
    expect((await addCustomer(alice)).status).toBe(401);
    expect((await addCustomer(other)).status).toBe(401);
  });

  it('gives its tokens to nobody but the key of the session', async () => {
    const started = await beginStepUp(stack(), await handleFor(alice), alice);
    const { url } = await signInAs(browserUpToCallback(), started.url, 'alice');
    await expect(redeem(started, url, 'alice')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('is not replayed: its pages are used up, and a second use of its code ends the session', async () => {
    const started = await beginStepUp(stack(), await handleFor(alice), alice);
    const browser = browserUpToCallback();
    const { url } = await signInAs(browser, started.url, 'alice');
    await redeem(started, url, 'alice', alice.keys);
    for (const visited of browser.visited.filter(({ pathname }) => /\/(callback|done|confirm)$/.test(pathname))) {
      if (visited.origin !== stack().addresses.publicUrl) continue;
      expect((await browser.open(visited)).status).toBeGreaterThanOrEqual(400);
    }
    await expect(redeem(started, url, 'alice', alice.keys)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await addCustomer(alice)).text).toContain('session_ended');
  });

  it('does not begin with a handle that somebody made up', async () => {
    const started = await beginStepUp(stack(), 'A'.repeat(300), alice);
    const { url } = await browserUpToCallback().open(started.url);
    expect(url.searchParams.get('error')).toBe('invalid_request');
  });
});
