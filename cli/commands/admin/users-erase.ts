import { erasedSchema } from '#shared/api/erasure.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { userPageSchema, type ListedUser } from '#shared/api/users.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { askLine } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { who } from '../sessions/session-words.js';

export interface EraseOptions extends CommonOptions {
  readonly confirm?: string;
}

type Ask = (question: string) => Promise<string>;

export function addUsersErase({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'erase',
      'Erase a person for good: what the audit keeps of them, their sessions and connections',
      'mcp-sso admin users erase bob@example.com',
    )
      .argument('<user>', 'id or e-mail address, as the list shows it')
      .option('--confirm <id>', 'the id of the person: do not ask for it')
      .action((user: string, options: EraseOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.usersRead, SCOPES.usersErase]);
          return eraseUser(context, user, options, (method, path, content) => api.request(method, path, content));
        }),
      ),
  );
}

/** Resolves to 1 where the person at the terminal types something else. Throws `usage` and `not_found`. */
export async function eraseUser(
  context: CommandContext,
  word: string,
  { confirm }: EraseOptions,
  call: CallApi,
  ask: Ask = (question) => askLine(question),
): Promise<number> {
  if (confirm === undefined && !context.interactive) {
    throw new CodedError('usage', { message: 'Nobody can be asked here. Add --confirm with the id of the person.' });
  }
  const user = await oneUser(call, word);
  const typed = confirm ?? (await ask(questionAbout(user)));
  if (typed !== user.id) {
    context.stderr(`That is not ${printable(user.id)}. Nothing was erased.\n`);
    return 1;
  }
  const path = `${PATHS.users}/${encodeURIComponent(user.id)}/erasure`;
  const erased = readAnswer(erasedSchema, await call('POST', path, { confirm: typed }));
  const { sessions, connections } = erased;
  context.stdout(
    context.json
      ? jsonLine({ erased })
      : `Erased: ${printable(erased.id)}. Sessions ended: ${sessions}; connections ended: ${connections}.\nBackups, what was exported before, and the identity provider still know them: docs/guides/erasure.md\n`,
  );
  return 0;
}

/** Throws `usage` where the word means more than one person. A name is not enough: people can choose theirs. */
async function oneUser(call: CallApi, word: string): Promise<ListedUser> {
  const { users } = readAnswer(userPageSchema, await call('GET', `${PATHS.users}?user=${encodeURIComponent(word)}`));
  const wanted = word.toLowerCase();
  const meant = users.filter(({ id, email }) => id === word || email?.toLowerCase() === wanted);
  const [first] = meant;
  if (!first) {
    throw new CodedError('not_found', {
      message: 'Nobody with this id or e-mail address has signed in here. List people: mcp-sso admin users.',
    });
  }
  if (meant.length === 1) return first;
  const names = meant.map((user) => `${who(user)} (${user.id})`).join(', ');
  throw new CodedError('usage', {
    message: `“${printable(word)}” means several people: ${names}. Give one of the ids.`,
  });
}

function questionAbout(user: ListedUser): string {
  return `This erases ${who(user)} for good. Nobody can undo it.\nType ${printable(user.id)} to go on: `;
}
