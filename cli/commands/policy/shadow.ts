import { Command } from 'commander';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { candidateSchema, type ShownCandidate } from '#shared/api/shadow.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { example, jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { alignColumns } from '../table.js';
import { readPolicyTexts } from './policy-texts.js';

interface StartOptions extends CommonOptions {
  readonly message?: string;
}

const CANDIDATE = `${PATHS.policies}/candidate`;
const SCOPE = [SCOPES.policiesRead, SCOPES.policiesWrite];

/** `mcp-sso policy shadow …`. */
export function addPolicyShadow({ program, run }: Mount): void {
  const shadow = new Command('shadow')
    .description('Evaluate other policies beside those in force, without changing any decision')
    .addHelpText('after', example('mcp-sso policy shadow start ./mcp-sso'));
  const ask = (
    options: CommonOptions,
    scopes: readonly string[],
    action: (context: CommandContext, call: CallApi) => Promise<number>,
  ) =>
    run(options, (context) => {
      const api = new AdminApi(context, scopes);
      return action(context, (...request) => api.request(...request));
    });
  shadow.addCommand(
    newCommand('start', 'Begin with these policies', 'mcp-sso policy shadow start ./mcp-sso')
      .argument('[dir]', 'the directory with policies/', './mcp-sso')
      .option('--message <text>', 'what they are for')
      .action((directory: string, options: StartOptions) =>
        ask(options, SCOPE, (context, call) => startShadow(context, directory, options.message, call)),
      ),
  );
  shadow.addCommand(
    newCommand('status', 'What they would have decided otherwise', 'mcp-sso policy shadow status').action(
      (options: CommonOptions) =>
        ask(options, [SCOPES.policiesRead], (context, call) => showShadow(context, 'GET', call)),
    ),
  );
  shadow.addCommand(
    newCommand('stop', 'End it', 'mcp-sso policy shadow stop').action((options: CommonOptions) =>
      ask(options, SCOPE, (context, call) => showShadow(context, 'DELETE', call)),
    ),
  );
  program.addCommand(shadow);
}

async function startShadow(
  context: CommandContext,
  directory: string,
  message: string | undefined,
  call: CallApi,
): Promise<number> {
  const request = { policies: await readPolicyTexts(directory), ...(message === undefined ? {} : { message }) };
  return print(context, await call('POST', CANDIDATE, request));
}

/** Prints the candidate, or ends it and prints what it found. */
export async function showShadow(context: CommandContext, method: 'GET' | 'DELETE', call: CallApi): Promise<number> {
  return print(context, await call(method, CANDIDATE));
}

function print(context: CommandContext, answer: unknown): number {
  const candidate = readAnswer(candidateSchema, answer);
  context.stdout(context.json ? jsonLine(candidate) : describe(candidate));
  return 0;
}

const HEADER = ['WHO', 'TARGET', 'NOW', 'CANDIDATE', 'CALLS', 'THE LAST'];

function describe({ id, startedAt, endedAt, compared, dropped, fault, differences }: ShownCandidate): string {
  const state = endedAt === null ? 'under way' : `ended ${endedAt}`;
  const rows = differences.map(({ person, server, target, live, candidate, calls, last }) =>
    [person.email ?? person.name ?? person.id, `${server}/${target}`, live, candidate, String(calls), last].map(
      printable,
    ),
  );
  return `${[
    `Candidate ${id}, since ${startedAt}, ${state}.`,
    ...(fault === null ? [] : [printable(`It ended by itself: ${fault}`)]),
    `${compared} ${compared === 1 ? 'call' : 'calls'} compared at this control plane since it started, ${dropped} left out for want of time.`,
    ...(rows.length === 0 ? ['No call would have come out otherwise.'] : ['', ...alignColumns([HEADER, ...rows])]),
  ].join('\n')}\n`;
}
