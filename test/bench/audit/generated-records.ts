import { createHash } from 'node:crypto';
import type { RecordFacts, RecordPersonal } from '../../../control-plane/audit/record.js';
import { Random } from '../../support/random.js';

const PEOPLE = 2_000;
export const SERVERS = 40;
const TOOLS = 20;
const DEPARTMENTS = ['engineering', 'sales', 'finance', 'support', 'legal'];
const APPS = ['Claude Desktop', 'Claude Code', 'Cursor', 'VS Code'];
const DAY = 86_400_000;
const DAYS = 90;
/** A Monday noon: the newest record. */
export const END = Date.parse('2026-11-23T12:00:00Z');

/** One record as it would have been handed to the audit, with its id and time (epoch milliseconds). */
export interface GeneratedRecord {
  readonly id: string;
  readonly ts: number;
  readonly type: 'tool.call' | 'list';
  readonly phase: 'event' | 'intent' | 'outcome';
  readonly ref?: string;
  readonly facts: RecordFacts;
  readonly personal: RecordPersonal;
}

export interface GeneratedPerson {
  readonly id: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** Two thousand people; every tenth is a contractor, all others are staff of one of five departments. */
export function generatedPeople(): GeneratedPerson[] {
  return Array.from({ length: PEOPLE }, (_, number) => {
    const team = `okta/team-${number % 60}`;
    const own = number % 10 === 9 ? ['okta/contractors'] : ['okta/staff', `okta/${DEPARTMENTS[number % 5]}`];
    return { id: personId(number), email: `person${number}@acme.example`, groups: [...own, team] };
  });
}

/**
 * The same records at every call, oldest first, over 90 days: calls with their outcome, one in twelve denied, one in
 * twenty a list. Some people and tools are far busier than others.
 */
export function* generatedRecords(count: number): Generator<GeneratedRecord> {
  const people = generatedPeople();
  const generator = new Random(20_261_123);
  const random = (): number => generator.below(1_000_000) / 1_000_000;
  let number = 0;
  while (number < count) {
    const ts = Math.floor(END - DAYS * DAY * (1 - number / count));
    const person = Math.floor(random() ** 2 * PEOPLE);
    const server = (person * 7 + Math.floor(random() ** 2 * 6)) % SERVERS;
    const tool = Math.floor(random() ** 2 * TOOLS);
    const kind = random();
    const facts = { ...factsOf(person, server, ts), ...(random() < 0.3 ? { trace: hex(`t${number}`, 32) } : {}) };
    const personal = personalOf(people[person]!, number);
    const id = recordId(ts, number);
    number += 1;
    if (kind < 0.05) {
      yield {
        id,
        ts,
        type: 'list',
        phase: 'event',
        facts: { ...facts, target: 'tools/list', decision: 'allow' },
        personal,
      };
      continue;
    }
    const target = `tool_${tool}`;
    if (kind < 0.13) {
      const denied = { target, decision: 'deny', policies: person % 2 === 0 ? [] : ['no-contractors'] } as const;
      yield { id, ts, type: 'tool.call', phase: 'event', facts: { ...facts, ...denied }, personal };
      continue;
    }
    const allowed = { target, decision: 'allow', policies: [`server${server}-${tool % 3}`] } as const;
    yield { id, ts, type: 'tool.call', phase: 'intent', facts: { ...facts, ...allowed }, personal };
    if (number === count) return;
    const outcome = random() < 0.03 ? 'error' : 'ok';
    const answer = { ...factsOf(person, server, ts), target, outcome, durationMs: 40 } as const;
    yield {
      id: recordId(ts + 40, number),
      ts: ts + 40,
      type: 'tool.call',
      phase: 'outcome',
      ref: id,
      facts: answer,
      personal: {},
    };
    number += 1;
  }
}

export function personId(number: number): string {
  return `usr_${hex(`person ${number}`, 22)}`;
}

export function sessionId(person: number, ts: number): string {
  return `ses_${hex(`session ${person} ${Math.floor(ts / DAY)}`, 22)}`;
}

function factsOf(person: number, server: number, ts: number): RecordFacts {
  const facts = { person: personId(person), session: sessionId(person, ts), client: 'mcp-bridge' };
  return { ...facts, server: `server${server}` };
}

function personalOf({ email, groups }: GeneratedPerson, number: number): RecordPersonal {
  const name = APPS[number % APPS.length]!;
  const args = JSON.stringify({ invoice: number, note: number % 1_000 === 0 ? 'the needle' : 'hay' });
  return { email, groups, claimedClient: { name, version: '1.0' }, address: '192.0.2.7', arguments: args };
}

/** In the form of a UUID v7, in order. */
function recordId(ts: number, number: number): string {
  const time = ts.toString(16).padStart(12, '0');
  const rest = number.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
}

function hex(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
