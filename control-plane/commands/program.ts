import { Command, CommanderError } from 'commander';
import { asCoded, ERRORS } from '#shared/errors.js';
import { PRODUCT } from '../observability/product.js';
import { breakGlass, type BreakGlassOptions } from './break-glass.js';
import { check, type CheckOptions } from './check.js';
import { init } from './init.js';
import { lock } from './lock.js';
import { migrate } from './migrate.js';
import { rotateKeys, type RotateKeysOptions } from './rotate-keys.js';
import { secretList } from './secret-list.js';
import { secretRetire } from './secret-retire.js';
import { secretSet } from './secret-set.js';
import { start } from './start.js';
import { print, type Terminal } from './terminal.js';

/** Runs one command line (without node and script) to its end. Resolves to the exit code; never rejects. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = programFor(terminal, (code) => (exitCode = code));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERRORS.usage.exit;
    const { message, detail, form } = asCoded(error);
    print(terminal.errors, message, ...(detail === undefined ? [] : [`(${detail})`]));
    return form.exit;
  }
}

function programFor(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('mcp-sso-control-plane')
    .description('Single sign-on, policy and audit in front of your company’s MCP servers.')
    .version(PRODUCT.version)
    .exitOverride()
    // So that a command may have a --version of its own.
    .enablePositionalOptions()
    .showHelpAfterError('Next: mcp-sso-control-plane --help')
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: (text) => terminal.errors.write(text),
    });
  configured(program, 'init', 'Write a commented starter directory and its master key.').action(
    async ({ config }: { config: string }) => exit(await init(config, terminal)),
  );
  configured(
    program,
    'check',
    'Name every fault of the directory and of the identity providers, with file, line and what to do.',
  )
    .option('--json', 'print for machines', false)
    .option('--offline', 'do not ask the identity providers', false)
    .action(async ({ config, ...options }: CheckOptions & { config: string }) =>
      exit(await check(config, options, terminal)),
    );
  configured(program, 'start', 'Check the directory, then serve until SIGTERM.').action(
    async ({ config }: { config: string }) => exit(await start(config, terminal)),
  );
  configured(
    program,
    'migrate',
    'Bring the schema of the database up to date, as start does too, and say what was done.',
  ).action(async ({ config }: { config: string }) => exit(await migrate(config, terminal)));
  configured(program, 'lock', 'Ask every server for its tools, and pin what they say in mcp-sso.lock.yaml.').action(
    async ({ config }: { config: string }) => exit(await lock(config, terminal)),
  );
  configured(
    program,
    'rotate-keys',
    'Publish the next keys that sign tokens and assertions; nobody has to sign in again.',
  )
    .option('--now', 'the key leaked: a new one signs at once, and what the old one signed is refused', false)
    .option('--master-key', 'put what is stored under masterKey, where previousMasterKey opened it so far', false)
    .action(async ({ config, ...options }: RotateKeysOptions & { config: string }) =>
      exit(await rotateKeys(config, options, terminal)),
    );
  configured(program, 'break-glass', 'Make a one-time code that signs in an owner while the identity provider is down.')
    .option('--reason <text>', 'why; the audit log keeps it')
    .option('--minutes <n>', 'how long the sign-in lasts, 60 at most', '15')
    .option('--end', 'discard every code and end every session that came of one', false)
    .action(async ({ config, ...options }: BreakGlassOptions & { config: string }) =>
      exit(await breakGlass(config, options, terminal)),
    );
  const secret = program.command('secret').description('Secrets in the encrypted store.');
  configured(secret, 'set', 'Store a value from stdin or a prompt; settings then name it as secret:NAME.')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .option('--expires <time>', 'when it stops being used: 90d, 12h, or a date such as 2027-01-31')
    .action(async (name: string, { config, expires }: { config: string; expires?: string }) =>
      exit(await secretSet(name, { directory: config, ...(expires === undefined ? {} : { expires }) }, terminal)),
    );
  configured(secret, 'list', 'Names, versions and dates; never a value.')
    .option('--json', 'print for machines', false)
    .action(async ({ config, json }: { config: string; json: boolean }) =>
      exit(await secretList(config, json, terminal)),
    );
  configured(secret, 'retire', 'Use a secret, or one version of it, no more; what it held is gone.')
    .argument('<name>', 'as secret list shows it')
    .option('--version <n>', 'this version only; the newest one that is left is used then')
    .action(async (name: string, { config, version }: { config: string; version?: string }) =>
      exit(await secretRetire(name, { directory: config, ...(version === undefined ? {} : { version }) }, terminal)),
    );
  return program;
}

function configured(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--config <dir>', 'the configuration directory', './mcp-sso')
    .addHelpText('after', `\nExample:\n  ${EXAMPLES[name] ?? ''}`);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'mcp-sso-control-plane init --config ./mcp-sso',
  check: 'mcp-sso-control-plane check --config ./mcp-sso --json',
  start: 'mcp-sso-control-plane start --config ./mcp-sso',
  migrate: 'mcp-sso-control-plane migrate --config ./mcp-sso',
  lock: 'mcp-sso-control-plane lock --config ./mcp-sso',
  'rotate-keys': 'mcp-sso-control-plane rotate-keys --config ./mcp-sso',
  'break-glass': 'mcp-sso-control-plane break-glass --config ./mcp-sso --reason "the IdP is down"',
  list: 'mcp-sso-control-plane secret list --config ./mcp-sso',
  retire: 'mcp-sso-control-plane secret retire crm-token --version 2 --config ./mcp-sso',
  set: 'mcp-sso-control-plane secret set crm-token --config ./mcp-sso < crm-token.txt',
};
