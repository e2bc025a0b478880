import { isObject, textOf, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { NoAnswer } from './ask.js';
import type { Reply } from './reply.js';

/** What a stranger was found to be, at one address. */
export interface Found {
  readonly state: 'open' | 'protected' | 'guarded' | 'silent';
  readonly url: string;
  readonly revision: string | null;
  readonly transport: 'http' | 'sse' | null;
  readonly server: { readonly name: string; readonly version: string } | null;
  readonly tools: readonly string[] | null;
  readonly toolsCut: boolean;
  readonly resourceMetadata: string | null;
}

/** Where one address led: to something, to nothing of ours, or to no HTTP at all. */
export type Finding = Found | 'other' | NoAnswer;

/** Asks one method and resolves to what came of it; each way to speak MCP is one such function. */
export type AskMethod = (method: string, params: JsonObject) => Promise<Reply | NoAnswer>;

const BLANK = { revision: null, transport: null, server: null, tools: null, toolsCut: false, resourceMetadata: null };

export function silentAt(url: string): Found {
  return { ...BLANK, state: 'silent', url };
}

export function loginAt(url: string, { isMcp, resourceMetadata }: Extract<Reply, { kind: 'login' }>): Found {
  return { ...BLANK, state: isMcp ? 'protected' : 'guarded', url, resourceMetadata };
}

/** More names than anybody reads, longer ones than any client takes, and more pages than an honest server sends. */
const MOST_TOOLS = 200;
const LONGEST_NAME = 128;
const MOST_PAGES = 5;

/** What a server says of itself: its handshake succeeded without a login. */
export interface Introduced {
  readonly url: string;
  readonly revision: string;
  readonly transport: 'http' | 'sse';
  readonly serverInfo: unknown;
}

/** Lists the names of its tools. A server that shakes hands with everybody and lists to nobody is protected. */
export async function listTools(ask: AskMethod, { url, revision, transport, serverInfo }: Introduced): Promise<Found> {
  const server = isObject(serverInfo)
    ? { name: cut(textOf(serverInfo['name'])), version: cut(textOf(serverInfo['version'])) }
    : null;
  const known = { ...BLANK, url, revision: cut(revision), transport, server };
  const tools: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const reply = await ask('tools/list', cursor === undefined ? {} : { cursor });
    if (typeof reply === 'string' || reply.kind === 'error' || reply.kind === 'other') {
      return { ...known, state: 'open', tools: page === 0 ? null : tools, toolsCut: page > 0 };
    }
    if (reply.kind === 'login') return { ...known, state: 'protected', resourceMetadata: reply.resourceMetadata };
    tools.push(...namesIn(reply.result['tools']));
    cursor = textOf(reply.result['nextCursor']) || undefined;
    if (cursor === undefined || tools.length > MOST_TOOLS) break;
  }
  const cutOff = cursor !== undefined || tools.length > MOST_TOOLS;
  return { ...known, state: 'open', tools: tools.slice(0, MOST_TOOLS), toolsCut: cutOff };
}

function namesIn(tools: unknown): string[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: unknown) => (isObject(tool) ? [cut(textOf(tool['name']))] : [])).filter(Boolean);
}

function cut(text: string): string {
  return text.slice(0, LONGEST_NAME);
}
