import { PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { idsOf } from './admin.js';
import { searchAudit, searchWholeAudit } from './audit.js';
import { send } from './http.js';
import { balanced, longCall } from './long-call.js';
import { sendMcp } from './mcp.js';
import type { SignedIn } from './person.js';

/** Milliseconds by the server’s own clock and records: how busy the test is changes nothing. */
export interface Cut {
  /** From hearing of it until every session had ended for good, as `/metrics` has it. */
  readonly ended: number;
  /** From the record of it (SCIM: from the request) until the last call that was let through, on any replica. */
  readonly lastCall: number;
  /** From the record of it until the running stream had ended. */
  readonly stream: number;
}

const GIVE_UP_MS = 20_000;

/** Somebody calls at every replica without a pause and has a stream at the last one; then comes the signal. */
export async function measureCut(
  stack: Stack,
  auditor: SignedIn,
  replicas: readonly string[],
  by: SignedIn,
  { path, give }: { readonly path: string; readonly give: () => Promise<void> },
): Promise<Cut> {
  const { publicUrl } = stack.addresses;
  const stream = await longCall(publicUrl, replicas.at(-1) ?? publicUrl, by);
  const before = await secondsIn(stack, path);
  const callers = replicas.map((at) => callUntilRefused(publicUrl, at, by));
  await Promise.all(callers.map(({ isIn }) => isIn));
  const given = Date.now();
  await give();
  const [text] = await Promise.all([stream.rest(), ...callers.map(({ isOut }) => isOut)]);
  if (!text.includes('"session_ended"')) throw new Error(`The stream ended otherwise: ${text.slice(-300)}`);
  const { session, person } = idsOf(by);
  const calls = await searchWholeAudit(stack, auditor, { user: person, type: 'tool.call' });
  const own = calls.filter((call) => call.session === session && call.decision === 'allow');
  const heard = path === 'scim' ? given : await heardAt(stack, auditor, path, person);
  const long = own.find(({ target }) => target?.includes('trigger-long-running-operation') === true);
  return {
    ended: Math.round(((await secondsIn(stack, path)) - before) * 1000),
    lastCall: Math.max(0, ...own.map(({ time }) => Date.parse(time) - heard)),
    stream: Date.parse(long?.time ?? '') + (long?.duration ?? Number.NaN) - heard,
  };
}

/** The time of the newest record of it that names the person. What SCIM says is recorded when it is done, so of that it would be too late. */
async function heardAt(stack: Stack, auditor: SignedIn, path: string, person: string): Promise<number> {
  const type = path === 'kill-switch' ? 'session.end' : 'auth.revocation';
  const entries = await searchAudit(stack, auditor, { type });
  return Date.parse(entries.find(({ affected }) => affected?.id === person)?.time ?? '');
}

function callUntilRefused(publicUrl: string, at: string, by: SignedIn) {
  const { promise: isIn, resolve, reject } = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    const until = performance.now() + GIVE_UP_MS;
    while (performance.now() < until) {
      const headers = await balanced(publicUrl, by, 'POST', PATHS.mcp);
      const call = { name: 'crm__list_customers', arguments: {} };
      const { status } = await sendMcp(`${at}${PATHS.mcp}`, headers, 'tools/call', call);
      if (status === 200) resolve();
      else return reject(new Error(`The first call was answered ${status}.`));
    }
    throw new Error(`Not refused at ${at} within ${GIVE_UP_MS / 1000} s.`);
  };
  return { isIn, isOut: run() };
}

/** All times to cut so far of one path, as `/metrics` shows their sum. */
async function secondsIn(stack: Stack, path: string): Promise<number> {
  const { text } = await send(`http://${stack.addresses.adminListen}/metrics`);
  return Number(new RegExp(`time_to_cut_seconds_sum{path="${path}"} (\\S+)`).exec(text)?.[1] ?? 0);
}
