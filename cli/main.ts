#!/usr/bin/env node
import { isSea } from 'node:sea';
import { isatty } from 'node:tty';
import { asCoded, ERRORS } from '#shared/errors.js';
import type { CommonOptions } from './commands/command.js';
import type { CommandContext } from './commands/context.js';
import { bridgeArguments } from './commands/bridge-arguments.js';
import { PROBE_VERB } from './credential-store/probe-verb.js';
import { cleanEnvironment, startAgain } from './system/own-environment.js';
import { userPaths } from './system/paths.js';
import { printable } from './system/printable.js';
import { lookOf } from './ui/look.js';

const argv = process.argv.slice(2);

// Only the executable: whoever starts the built files with a Node of their own steers that Node.
const environment = isSea() ? cleanEnvironment(process.env) : undefined;
if (environment) startAgain(argv, environment);

function contextFor({ url, credentialStore, json = false, browser = true }: CommonOptions): CommandContext {
  const terminal = lookOf(process.stdout, process.env, process.platform);
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    json,
    interactive: isatty(0) && isatty(2),
    openBrowser: browser,
    now: () => new Date(),
    ...(terminal === undefined ? {} : { terminal }),
    ...(url === undefined ? {} : { url }),
    ...(credentialStore === undefined ? {} : { credentialStore }),
    paths: userPaths(process.platform, process.env),
  };
}

/** Verbs load what they need themselves: the bridge must not pay for commander, nor a login for the bridge. */
async function run(): Promise<number> {
  if (argv[0] === PROBE_VERB) {
    const { probeThisSession } = await import('./credential-store/keychain-probe.js');
    return probeThisSession(contextFor({}).paths.cache);
  }
  if (argv[0] === 'hook' && argv.length === 1) {
    const { runHook } = await import('./commands/hook-verb.js');
    return runHook(contextFor({}));
  }
  const bridge = bridgeArguments(argv, isatty(0));
  if (bridge) {
    const { runBridge } = await import('./bridge/index.js');
    return runBridge(bridge.options, contextFor(bridge.common));
  }
  process.once('SIGINT', () => process.exit(130));
  const { runProgram } = await import('./commands/program.js');
  return runProgram(argv, contextFor);
}

/** One or two plain lines for a person; one JSON document where that was asked for. */
function report(thrown: unknown): number {
  const error = asCoded(thrown);
  const detail =
    error.code === 'internal' && error.detail ? `\n${error.detail.split('\n').map(printable).join('\n')}` : '';
  if (argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
  } else {
    process.stderr.write(`mcp-sso: ${error.message}${detail}\n`);
  }
  return error.form.exit;
}

/**
 * Ends the process once what was written has left it, however slowly it is read (a pager): sockets that are kept alive
 * would hold it open. The bridge has a deadline of its own.
 */
function leave(code: number): void {
  process.stdout.write('', (error) => {
    if (error) outputFailed(error);
    process.stderr.write('', () => process.exit(code));
  });
}

/** EPIPE: whoever read our output has seen enough. Anything else, such as a full disk, lost it. */
function outputFailed({ code }: NodeJS.ErrnoException): never {
  process.exit(code === 'EPIPE' ? 0 : ERRORS.internal.exit);
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', outputFailed);
run().catch(report).then(leave, leave);
