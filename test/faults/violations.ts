import type { AuditEntry } from '#shared/api/audit.js';
import type { AskedCall } from './ai-app.js';
import type { ReceivedCall } from './received-calls.js';

type Knowledge = 'done' | 'not made' | 'unknown';

const UNKNOWN = /It is not known whether|Treat its outcome as unknown/;
const NOT_MADE = /The call was not made|The request was not sent|so (the call|this|this one) was refused/;

/** What an answer claims about its call; undefined where it leaves the person in the dark. */
export function knowledgeOf({ name }: Pick<AskedCall, 'name'>, answer: string): Knowledge | undefined {
  if (answer === `done ${name}`) return 'done';
  if (UNKNOWN.test(answer)) return 'unknown';
  return NOT_MADE.test(answer) ? 'not made' : undefined;
}

/**
 * Every breach of the crash rules (SECURITY.md, "What holds"): a call without exactly one answer, an answer that says
 * nothing or something wrong, a call that was sent twice, a call without its intent. Empty where all held.
 */
export function violations(
  calls: readonly AskedCall[],
  received: readonly ReceivedCall[],
  intents: readonly Pick<AuditEntry, 'target' | 'time' | 'decision'>[],
): string[] {
  const times = Map.groupBy(received, ({ name }) => name);
  const decided = new Map(intents.map((intent) => [intent.target, intent]));
  return [
    ...calls.flatMap((call) => wrongAnswers(call, times.get(call.name)?.length ?? 0)),
    ...[...times].flatMap(([name, seen]) => wrongReceipts(name, seen, decided.get(name))),
  ];
}

function wrongReceipts(
  name: string,
  seen: readonly ReceivedCall[],
  intent: Pick<AuditEntry, 'time' | 'decision'> | undefined,
): string[] {
  const first = Math.min(...seen.map(({ at }) => at));
  const intended = intent?.decision === 'allow' && Date.parse(intent.time) <= first;
  const found = intended ? [] : [`${name}: received without an intent before it`];
  return seen.length === 1 ? found : [...found, `${name}: received ${seen.length} times`];
}

function wrongAnswers(call: AskedCall, received: number): string[] {
  const { name, server, answers, lost } = call;
  const [answer, ...more] = answers;
  if (answer === undefined) return lost ? [] : [`${name}: no answer`];
  if (more.length > 0) return [`${name}: ${answers.length} answers: ${answers.join(' | ')}`];
  const known = knowledgeOf(call, answer);
  if (known === undefined) return [`${name} at ${server}: says nothing of what is known: ${answer}`];
  if (known === 'done' && received === 0) return [`${name}: done, and never received`];
  if (known === 'not made' && received > 0) return [`${name} at ${server}: received, and answered: ${answer}`];
  return [];
}
