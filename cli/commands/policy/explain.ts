import { explanationSchema, type ExplainedCall, type ExplanationDetails } from '#shared/api/explain.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { readTimePhrase, TIME_EXAMPLES } from '../../time-phrases/time-phrase.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

export interface ExplainOptions extends CommonOptions {
  readonly at?: string;
  readonly args?: string;
  readonly kind?: string;
}

const REFERENCE = 'reference of a call, or a person: id, provider/subject, e-mail address or name';

export function addPolicyExplain({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'explain',
      'Why a call was decided as it was (REFERENCE), or what somebody may do (PERSON SERVER/TOOL)',
      'mcp-sso policy explain bob crm/create_customer',
    )
      .argument('<reference>', REFERENCE)
      .argument('[target]', 'SERVER/TOOL, or SERVER/URI with --kind resource')
      .argument('[arguments...]', 'arguments of the call, as KEY=VALUE; a value is JSON where it can be read so')
      .option('--args <json>', 'all arguments as one JSON object')
      .option('--kind <kind>', 'tool, resource, prompt or method', 'tool')
      .option('--at <time>', `by the policies of a past moment: ${TIME_EXAMPLES}`)
      .action((who: string, target: string | undefined, pairs: string[], options: ExplainOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return explainDecision(context, { who, target, pairs }, options, (...request) => api.request(...request));
        }),
      ),
  );
}

interface Asked {
  readonly who: string;
  readonly target: string | undefined;
  readonly pairs: readonly string[];
}

/** Prints one sentence, and for authors and owners all that made the decision. Throws `usage`. */
export async function explainDecision(
  context: CommandContext,
  asked: Asked,
  options: ExplainOptions,
  call: CallApi,
): Promise<number> {
  const request =
    asked.target === undefined ? { reference: asked.who } : questionOf(asked, asked.target, options, context);
  const explained = readAnswer(explanationSchema, await call('POST', `${PATHS.policies}/explain`, request));
  context.stdout(context.json ? jsonLine(explained) : describe(explained));
  return 0;
}

function questionOf(
  { who, pairs }: Asked,
  target: string,
  { at, args, kind }: ExplainOptions,
  { now }: CommandContext,
): object {
  const slash = target.indexOf('/');
  if (slash < 1)
    throw new CodedError('usage', { message: `'${target}' is no target. Write SERVER/TOOL, like crm/list_customers.` });
  const question = { person: who, server: target.slice(0, slash), kind, name: target.slice(slash + 1) };
  return {
    ...question,
    args: { ...objectOf(args), ...argumentsOf(pairs) },
    ...(at === undefined ? {} : { at: momentOf(at, now()) }),
  };
}

function argumentsOf(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair): [string, unknown] => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CodedError('usage', { message: `'${pair}' is no argument. Write KEY=VALUE.` });
      return [pair.slice(0, equals), valueOf(pair.slice(equals + 1))];
    }),
  );
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function objectOf(json: string | undefined): object {
  if (json === undefined) return {};
  const value = valueOf(json);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new CodedError('usage', { message: '--args is no JSON object. Write it like \'{"id": 7}\'.' });
}

function momentOf(phrase: string, now: Date): string {
  const time = readTimePhrase(phrase, now.getTime(), requireZone(undefined));
  if (time === undefined)
    throw new CodedError('usage', { message: `--at: '${phrase}' is not a time. Write one like ${TIME_EXAMPLES}.` });
  return new Date(time.kind === 'day' ? time.from : time.at).toISOString();
}

const OUTCOMES = {
  allow: 'allowed',
  deny: 'denied',
  approval: 'waits for an approval',
  'step-up': 'needs another sign-in',
} as const;

function describe({ person, server, target, outcome, sentence, at, details }: ExplainedCall): string {
  const who = person.email ?? person.name ?? person.id;
  const first = `${who} → ${server ?? '-'}/${target ?? '-'}: ${OUTCOMES[outcome]}. ${sentence}`;
  const more = details === null ? [] : [`At ${at}.`, ...detailLines(details)];
  return `${[first, ...more]
    .flatMap((lines) => lines.split('\n'))
    .map(printable)
    .join('\n')}\n`;
}

function detailLines(details: ExplanationDetails): string[] {
  const { policies, texts, nearest, notes, stepUp, approval, groups, effect, reviewed, grant, revision } = details;
  const facts = [
    `Policies: ${policies.length === 0 ? 'none' : policies.join(', ')}`,
    `Groups: ${groups.length === 0 ? 'none' : groups.join(', ')}`,
    ...(effect === null ? [] : [`Tool: ${effect}, ${reviewed === false ? 'waits for a review' : 'reviewed'}`]),
    ...(grant === null ? [] : [`Grant: ${grant}`]),
    ...(stepUp === null ? [] : [`Sign-in demanded: ${demandText(stepUp)}`]),
    ...(approval === null
      ? []
      : [`Approval demanded: ${approval.map((groupsOf) => groupsOf.join(' or ')).join(', and ')}`]),
    ...(revision === null
      ? []
      : [`Revision: ${revision}${details.exact ? '' : ' (not exactly the policies that decided)'}`]),
  ];
  const shown = texts.map((policy) => `\n${policyText(policy)}`);
  const near = nearest.map(({ sentence, policy }) => `\n${sentence}\n${policyText(policy)}`);
  return [...facts, ...shown, ...near, ...(notes.length === 0 ? [] : ['', ...notes])];
}

function demandText({ maxAge, acrValues }: NonNullable<ExplanationDetails['stepUp']>): string {
  const age = maxAge === null ? [] : [`from the last ${maxAge} s`];
  return [...age, ...(acrValues === null ? [] : [`of the kind ${acrValues.join(' or ')}`])].join(', ');
}

function policyText({ file, line, text }: ExplanationDetails['texts'][number]): string {
  return [`${file}:${line}`, ...text.split('\n').map((one) => `  ${one}`)].join('\n');
}
