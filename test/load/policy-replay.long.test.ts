import { expect, test } from 'vitest';
import { draftRecord } from '../../control-plane/audit/draft-record.js';
import { TemporaryAudit, type OpenAudit } from '../../control-plane/audit/testing/open-audit.js';
import { intent } from '../../control-plane/audit/testing/records.js';
import { settingsSchema } from '../../control-plane/config/settings.js';
import { CandidateEngine } from '../../control-plane/policy/candidate/candidate-engine.js';
import { NO_DEFINITIONS } from '../../control-plane/policy/definitions/known-definitions.js';
import { recordInput } from '../../control-plane/policy/recorded-input.js';
import { CONTEXT, inputOf } from '../../control-plane/policy/testing/inputs.js';
import { Findings, replayCalls } from '../../control-plane/simulation/replay-calls.js';

const CALLS = 100_000;
const PEOPLE = 500;
const BATCH = 1000;
const LIMIT_MS = 60_000;

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
  servers: {
    crm: { url: 'https://crm.example/mcp', tools: { list: { effect: 'read' }, save: { effect: 'write' } } },
  },
});
/** It reads the time, so that no two calls are alike. */
const POLICIES = `
@id("sales-by-day") @reason("Sales work by day.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"call", resource in Mcp::Server::"crm")
when { context.session.now.toTime() >= duration("12h") };
@id("engineering-reads") @reason("Engineering reads.")
permit(principal in Mcp::Group::"okta/engineering", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
`;

test(`${CALLS} recorded calls are replayed in under a minute`, async () => {
  await using temporary = await TemporaryAudit.create('sqlite');
  await using audit = await temporary.open();
  await writeCalls(audit);
  await using engine = await CandidateEngine.start({
    files: [{ file: 'policies/crm.cedar', text: POLICIES }],
    settings: SETTINGS,
    known: NO_DEFINITIONS,
  });
  const findings = new Findings();
  const range = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const pauses = new Pauses();
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  await replayCalls(audit.service, engine, range, findings, new AbortController().signal);
  const took = performance.now() - startedAt;
  const { longest, longestWork } = pauses.end();
  const grown = Math.round((process.memoryUsage().rss - before) / 1e6);
  const { losses, gains } = findings.differences.list();
  process.stdout.write(
    `replay of ${CALLS} calls: ${Math.round(took)} ms; longest pause of the serving thread ${Math.round(longest)} ms, ` +
      `of which it worked at most ${Math.round(longestWork)} ms; ${grown} MB more\n`,
  );
  expect(findings.replayed).toBe(CALLS);
  expect(findings.unknown).toEqual({ unrecorded: 0, erased: 0, unreadable: 0, arguments: 0, failed: 0 });
  const calls = [...losses, ...gains].reduce((sum, { calls: count }) => sum + count, 0);
  expect(findings.unchanged + calls).toBe(CALLS);
  expect(took).toBeLessThan(LIMIT_MS);
});

/** How long this thread comes to nothing else: by the clock, and by the processor's time, which others on the machine don't count in. */
class Pauses {
  #longest = 0;
  #longestWork = 0;
  #beat = { at: performance.now(), worked: workOfThread() };
  readonly #timer = setInterval(() => this.#measure(), 1);

  end(): { readonly longest: number; readonly longestWork: number } {
    this.#measure();
    clearInterval(this.#timer);
    return { longest: this.#longest, longestWork: this.#longestWork };
  }

  #measure(): void {
    const beat = { at: performance.now(), worked: workOfThread() };
    this.#longest = Math.max(this.#longest, beat.at - this.#beat.at);
    this.#longestWork = Math.max(this.#longestWork, beat.worked - this.#beat.worked);
    this.#beat = beat;
  }
}

/** Milliseconds. */
function workOfThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function writeCalls(audit: OpenAudit): Promise<void> {
  for (let from = 0; from < CALLS; from += BATCH) {
    const now = Date.now();
    await audit.records.append(Array.from({ length: BATCH }, (_, index) => draftRecord(call(from + index), now)));
  }
}

function call(index: number): ReturnType<typeof intent> {
  const person = { id: `usr_${index % PEOPLE}`, groups: [index % 2 === 0 ? 'okta/sales' : 'okta/engineering'] };
  const name = index % 5 === 0 ? 'save' : 'list';
  const context = { ...CONTEXT, now: CONTEXT.now + (index % 86_400) * 1000 };
  const effect = name === 'list' ? 'read' : 'write';
  const input = inputOf({ person, server: 'crm', context, target: { kind: 'tool', name, effect } });
  const policyInput = recordInput(input, [], [])!;
  return intent({ person: person.id, server: 'crm', target: name, policies: ['all'] }, { policyInput });
}
