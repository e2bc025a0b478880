import type { ConfiguredServer, Problem } from '#shared/api/inventory.js';
import type { Declaration } from '../documents/declaration.js';
import type { ConfigPlace } from '../sources/place.js';
import { isEveryAddress, shownAddress } from './address.js';
import { behindUs } from './behind.js';
import { bindAddress } from './bind-address.js';
import { foundSecrets } from './found-secrets.js';
import { launchedPackage } from './launched-package.js';
import { shownArguments } from './shown-arguments.js';
import { shorten, shownName, shownNames, WITHHELD } from './shown-text.js';
import { secretKind } from './secret-text.js';

/** Where a declaration was found. */
export interface Origin {
  readonly place: ConfigPlace;
  readonly account: string | null;
}

/** What is known of one configured server, with nothing that may not leave the machine. Starts and reaches nothing. */
export function classifyServer(
  declaration: Declaration,
  { place, account }: Origin,
  controlPlanes: readonly string[],
): ConfiguredServer {
  const { command, args, url, env, headers, bundled } = splitCommand(declaration);
  const launch = command === undefined ? undefined : launchedPackage(command, args);
  const address = url === undefined ? undefined : shownAddress(url);
  const server = {
    name: shownName(declaration.name),
    app: place.app,
    appTitle: place.title,
    scope: place.scope,
    account,
    file: place.file,
    line: declaration.line,
    enabled: declaration.enabled,
    transport: transportOf(declaration),
    command: command === undefined ? null : shownProgram(command),
    args: shownArguments(args, launch),
    package: launch?.package ?? null,
    url: address?.url ?? null,
    bind: bindAddress({ ...declaration, command, args }),
    env: shownNames([...env.map(({ name }) => name), ...variablesOf(args)]),
    headers: shownNames(headers.map(({ name }) => name)),
    secrets: foundSecrets({ ...declaration, command, args }),
    behind: behindUs({ ...declaration, command, args }, controlPlanes),
  };
  const known = { ...server, package: server.package ?? bundledPackage(bundled) };
  return { ...known, problems: problemsOf(known, address?.unencrypted ?? false) };
}

function bundledPackage(bundled: Declaration['bundled']): ConfiguredServer['package'] {
  if (!bundled) return null;
  const version = bundled.version === null ? null : shownName(bundled.version);
  return { registry: 'bundle', name: shownName(bundled.name), version, pinned: true };
}

/** Some write a whole command line where the program belongs. */
function splitCommand(declaration: Declaration): Declaration {
  const { command, args } = declaration;
  if (command === undefined || args.length > 0 || /[\\/].* /.test(command) || !command.includes(' '))
    return declaration;
  const [program, ...words] = command.trim().split(/\s+/);
  return { ...declaration, command: program, args: words };
}

function transportOf({ type = '', command, url }: Declaration): ConfiguredServer['transport'] {
  if (/^sse$/i.test(type)) return 'sse';
  if (url !== undefined && command === undefined)
    return /\/sse\/?$/.test(url.split(/[?#]/, 1)[0] ?? '') && !/http/i.test(type) ? 'sse' : 'http';
  return command === undefined ? 'unknown' : 'stdio';
}

function shownProgram(command: string): string {
  const name = command.split(/[\\/]/).at(-1) ?? '';
  const isPath = !/\s/.test(name) && !/[=;?&|]| -/.test(command);
  return isPath && secretKind({ value: command }) === undefined ? shorten(command) : WITHHELD;
}

/** Names of variables that are given to a container on its command line. */
function variablesOf(args: readonly string[]): string[] {
  return args.flatMap((word, at) => {
    const [, name] = /^([A-Za-z_]\w{0,100})(?:=|$)/.exec(word) ?? [];
    return ['-e', '--env'].includes(args[at - 1] ?? '') && name !== undefined ? [name] : [];
  });
}

function problemsOf(server: Omit<ConfiguredServer, 'problems'>, unencrypted: boolean): Problem[] {
  const { secrets, bind, package: launched, behind } = server;
  const found: Partial<Record<Problem, boolean>> = {
    'plaintext-secret': secrets.length > 0,
    'bound-to-every-address': bind !== null && isEveryAddress(bind),
    'unencrypted-address': unencrypted,
    'unpinned-package': launched !== null && !launched.pinned,
    'not-behind-mcp-sso': behind === null,
  };
  return (Object.keys(found) as Problem[]).filter((problem) => found[problem]);
}
