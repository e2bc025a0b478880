import { readFileSync } from 'node:fs';
import { auditPageSchema, type AuditEntry } from '#shared/api/audit.js';
import type { Stack } from '../stack/stack.js';
import type { Played } from './chapter.js';
import { expect } from './expect.js';
import type { Laptop } from './laptop.js';

const BY_CURSOR = ['audit', 'search', '--client', 'cursor', '--since', '1 hour ago'];

export interface Evidence {
  /** What was asked of `mcp-sso`, and the audit rows as it prints them. */
  readonly question: readonly string[];
  readonly printed: string;
  /** What `mcp-sso audit verify` says. */
  readonly verified: string;
  /** The audit's entry of each call of the walk, in the same order. */
  readonly entries: readonly AuditEntry[];
}

/** Reads the audit as dave, verifies it, and checks that it tells the same story. */
export async function gather(stack: Stack, dave: Laptop, played: readonly Played[]): Promise<Evidence> {
  const printed = await dave.ask(...BY_CURSOR);
  const page = auditPageSchema.parse(JSON.parse(await dave.ask('audit', 'search', '--since', '1 hour ago', '--json')));
  const verified = await dave.ask('audit', 'verify');
  const calls = page.entries.filter(({ type }) => type === 'tool.call').toReversed();
  const entries = played.map((call) => entryOf(calls, call));
  checkCrm(stack, played);
  return { question: BY_CURSOR, printed, verified, entries };
}

function entryOf(calls: AuditEntry[], { person, scene, answer }: Played): AuditEntry {
  const [server, ...tool] = scene.tool.split('__');
  const at = calls.findIndex(
    (entry) =>
      entry.person?.email?.startsWith(`${person}@`) === true &&
      entry.server === server &&
      entry.target === tool.join('__') &&
      entry.decision === scene.decision,
  );
  const [entry] = at < 0 ? [] : calls.splice(at, 1);
  expect(entry !== undefined, `The audit has no row for ${person} → ${scene.tool} (${scene.decision})`);
  if (answer.reference !== undefined)
    expect(entry.id === answer.reference, `The reference of ${person} → ${scene.tool} is not its audit row`);
  return entry;
}

/** The CRM's own log: every allowed call arrived once, no denied call arrived at all. */
function checkCrm(stack: Stack, played: readonly Played[]): void {
  const arrived = readFileSync(stack.crmLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { method: string | null; target: string | null })
    .filter(({ method }) => method === 'tools/call')
    .map(({ target }) => `crm__${target}`);
  const allowed = played.filter(({ scene }) => scene.decision === 'allow' && scene.tool.startsWith('crm__'));
  expect(
    arrived.toSorted().join() ===
      allowed
        .map(({ scene }) => scene.tool)
        .toSorted()
        .join(),
    `The CRM received ${arrived.join(', ')}, which is not what was allowed`,
  );
}
