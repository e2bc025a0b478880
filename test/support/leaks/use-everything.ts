import type { Client } from '@modelcontextprotocol/client';
import type { Stack } from '../../../demo/stack/stack.js';
import { BridgeSession } from '../../../demo/walk/bridge.js';
import { Browser } from '../../../demo/walk/browser.js';
import type { Laptop } from '../../../demo/walk/laptop.js';
import { connectClient } from '../mcp.js';
import type { SignedIn } from '../person.js';
import { LEAKING_TOOLS } from './leaking-upstream.js';

const PATIENCE = { timeout: 30_000 };
const MOST_PAGES = 10;
/** Servers. Those of the tests answer byte by byte, and all of them at once would keep their own process too busy to answer in time. */
const AT_ONCE = 4;

/**
 * All that an AI app can ask servers for, in both eras, and twice: the first token is refused everywhere. Resolves to what the
 * app was told of each, in words.
 */
export async function useServers(
  stack: Stack,
  by: SignedIn,
  servers: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  const told = new Map<string, string[]>();
  for (let from = 0; from < servers.length; from += AT_ONCE) {
    const some = servers.slice(from, from + AT_ONCE).map((server) => useInBothEras(stack, by, server));
    for (const [server, words] of await Promise.all(some)) told.set(server, words);
  }
  return told;
}

async function useInBothEras(
  stack: Stack,
  by: SignedIn,
  server: string,
): Promise<readonly [server: string, told: string[]]> {
  const url = `${stack.addresses.publicUrl}/mcp/${server}`;
  const eras = (['auto', 'legacy'] as const).map(async (mode) => {
    const first = await useServer(() => connectClient(url, by, mode), ['result']);
    return first.concat(await useServer(() => connectClient(url, by, mode), LEAKING_TOOLS));
  });
  return [server, (await Promise.all(eras)).flat()];
}

async function useServer(connect: () => Promise<Client>, tools: readonly string[]): Promise<string[]> {
  const told: string[] = [];
  const note = (message: unknown): void => void told.push(JSON.stringify(message) ?? '');
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    await step().then(note, (error: unknown) => void told.push(`${String(error)} ${JSON.stringify(error)}`));
  };
  await attempt(async () => {
    const client = await connect();
    client.fallbackNotificationHandler = async (notice) => note(notice);
    note(client.getInstructions());
    await attempt(() => client.listTools());
    for (const name of tools) {
      await attempt(() => client.callTool({ name, arguments: {} }, { onprogress: note, ...PATIENCE }));
    }
    await attempt(() => client.listPrompts());
    await attempt(() => client.getPrompt({ name: 'ask' }, PATIENCE));
    await attempt(() => client.listResources());
    await attempt(() => client.listResourceTemplates());
    await attempt(() => client.readResource({ uri: 'leak://one' }, PATIENCE));
    await client.close();
  });
  return told;
}

/** The same over stdio. */
export async function useBridge(laptop: Laptop, tools: RegExp): Promise<string[]> {
  const session = await BridgeSession.connect(laptop);
  const names = (await session.tools()).filter((name) => tools.test(name));
  // A masked blob is no base64 any more, which the SDK's client refuses; its bytes are recorded all the same.
  const answers = await Promise.all(names.map((name) => session.call(name).then(({ text }) => text, String)));
  await session.close();
  return [...answers, session.stderr];
}

/** A person connects their own account at a server, on the page. Resolves to the address that the browser came back to. */
export async function connectAccount(stack: Stack, person: string, server: string): Promise<URL> {
  const browser = new Browser();
  const choices: Readonly<Record<string, string>> = { account: person, connect: server, decision: 'connect' };
  let page = await browser.open(`${stack.addresses.publicUrl}/connect`);
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const back = browser.visited.find(({ pathname }) => pathname === '/connect/callback');
    if (back) return back;
    const found = page.forms.flatMap((form) =>
      form.buttons.filter(({ name, value }) => choices[name] === value).map((button) => ({ form, button })),
    )[0];
    const link = page.links.find(({ url }) => /sign-in|\/authorize/.test(url.href));
    if (found) page = await browser.press(page, found.form, found.button);
    else if (link) page = await browser.follow(page, link.url);
    else break;
  }
  throw new Error(`${person} could not connect ${server}: ${page.text}`);
}
