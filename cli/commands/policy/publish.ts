import { activatedSchema, catalogSchema, revisionSchema, type Catalog, type PolicyText } from '#shared/api/catalog.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { LOCK_FILE, readPolicyTexts } from './policy-texts.js';

interface PublishOptions extends CommonOptions {
  readonly message: string;
}

export function addPolicyPublish({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'publish',
      'Make policies a new revision and put it in force, where nothing is wrong and every test passes',
      'mcp-sso policy publish ./mcp-sso --message "Sales may edit customers"',
    )
      .argument('[dir]', 'the directory with policies/', './mcp-sso')
      .requiredOption('--message <text>', 'why: one line, kept with the revision and in the audit')
      .action((directory: string, options: PublishOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.catalogRead, SCOPES.catalogWrite]);
          return publishPolicies(context, directory, options, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Replaces all policies and tests; a lock file that the directory lacks stays. Throws `catalog_refused` with every fault. */
export async function publishPolicies(
  context: CommandContext,
  directory: string,
  { message }: PublishOptions,
  call: CallApi,
): Promise<number> {
  const policies = await readPolicyTexts(directory);
  const { active } = await catalogByApi(
    call,
    `Put the files into its policies/ directory: it applies them within seconds.`,
  );
  const revision = readAnswer(revisionSchema, await call('GET', `${PATHS.catalog}/revisions/${active.number}`));
  const content = {
    parent: active.number,
    message,
    servers: revision.servers,
    roles: revision.roles,
    policies: withLock(policies, revision.policies),
  };
  const answer = readAnswer(activatedSchema, await call('POST', `${PATHS.catalog}/revisions`, content));
  const back = `Undo it: mcp-sso policy rollback ${active.number} --message TEXT`;
  context.stdout(context.json ? jsonLine(answer) : `Revision ${answer.active} is in force.\n${back}\n`);
  return 0;
}

/** Throws `catalog_from_files` that says what to do instead. */
export async function catalogByApi(call: CallApi, instead: string): Promise<Catalog> {
  const catalog = readAnswer(catalogSchema, await call('GET', `${PATHS.catalog}?limit=1`));
  if (catalog.source === 'api') return catalog;
  throw new CodedError('catalog_from_files', {
    message: `Policies come from the configuration directory of the control plane. ${instead}`,
  });
}

/** A lock that is merely not at hand must not be dropped. */
function withLock(policies: readonly PolicyText[], active: readonly PolicyText[]): PolicyText[] {
  const lock = active.filter(({ file }) => file === LOCK_FILE);
  return policies.some(({ file }) => file === LOCK_FILE) ? [...policies] : [...policies, ...lock];
}
