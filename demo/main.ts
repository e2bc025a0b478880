// The demo: a company on loopback, and four people who use it with the built executable.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyTestSchema } from '#shared/api/policies.js';
import { byHand, callTable, indent, reasons, shellLine, wrapped } from './report.js';
import { NO_SANDBOX } from './stack/sandbox.js';
import { Stack } from './stack/stack.js';
import { playApproval } from './walk/approved-delete.js';
import { play, type Played } from './walk/chapter.js';
import { playChangedTool } from './walk/changed-tool.js';
import { gather } from './walk/evidence.js';
import { explainDenials } from './walk/explained.js';
import { playGrant } from './walk/granted-access.js';
import { Laptop } from './walk/laptop.js';
import { STORY } from './walk/story.js';

const PORTS = [8700, 8701, 8702, 8703, 8704];
const once = process.argv.includes('--once');
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-demo-'));
const say = (text: string): void => console.log(text);
let stack: Stack | undefined;

class Interrupted extends Error {}

/** Ctrl-C, a kill, or the end of whoever started us. */
const interrupted = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'])
    process.once(signal, () => reject(new Interrupted(signal)));
});

process.exitCode = await Promise.race([demonstrate(), interrupted]).catch((error: unknown) => {
  if (error instanceof Interrupted) return once ? 130 : 0;
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
await stop();
process.exit();

async function demonstrate(): Promise<number> {
  say('Starting a company on this computer: identity provider, three MCP servers, control plane …');
  stack = await Stack.start({ folder, logLevel: 'info', preferredPorts: PORTS, policyTests: true });
  process.send?.({ groups: stack.groups() });
  if (!stack.sandbox) say(NO_SANDBOX);
  say('Tokens of this walk stay in files (--credential-store file), not in this computer’s keychain:');
  say(`${folder}\n`);
  const played: Played[] = [];
  await stack.changePerson('dave', { groups: ['it-admins', 'approvers', 'authors'] });
  for (const chapter of STORY) played.push(...(await play(stack, chapter, say)));
  const dave = new Laptop('dave', folder);
  for (const chapter of [playGrant, playApproval, playChangedTool]) played.push(...(await chapter(stack, dave, say)));
  const evidence = await gather(stack, dave, played);
  say(`\nWhy, as dave sees it with mcp-sso policy explain REFERENCE:\n`);
  say(indent(reasons(await explainDenials(dave, played, evidence)), 2));
  const tested = policyTestSchema.parse(JSON.parse(await dave.ask('policy', 'test', '--json')));
  say(`\nmcp-sso policy test: all ${tested.results.length} cases that these policies must keep pass.`);
  say(`\n${callTable(played, evidence)}`);
  say(`\nWho used Cursor, and for what? ${shellLine(evidence.question)}\n\n${indent(evidence.printed, 2)}`);
  say(`\nmcp-sso audit verify:\n\n${indent(wrapped(evidence.verified), 2)}`);
  if (once) {
    say('\nThe walk went as told.');
    return 0;
  }
  say(`\n${byHand(stack)}\n\nPress Ctrl-C to end the demo.`);
  return stayUp(stack);
}

/** Until interrupted; ends with 1 where a part of the company dies. */
async function stayUp(running: Stack): Promise<number> {
  const dead = await running.firstDeath();
  console.error(`\n${dead.name} ended (${await dead.exited}):\n${dead.tail()}`);
  return 1;
}

async function stop(): Promise<void> {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}
