import { randomUUID } from 'node:crypto';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { AgentBook } from '../agent-hooks/agent-book.js';
import { HookListener } from './hook-listener.js';
import type { BridgeLog } from './log.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** By which apps name themselves to the servers that they start; the first that is set counts. */
const HOSTS: readonly { readonly host: string; readonly session: string; readonly mark?: string }[] = [
  { host: 'grok', session: 'GROK_SESSION_ID' },
  { host: 'codex', session: 'CODEX_THREAD_ID' },
  { host: 'opencode', session: 'OPENCODE_SESSION_ID' },
  { host: 'claude-code', session: 'CLAUDE_CODE_SESSION_ID', mark: 'CLAUDECODE' },
];

interface Parts {
  readonly env: Environment;
  /** Where hooks find the bridge; none are heard where it is absent. */
  readonly stateFolder?: string | undefined;
  readonly log: BridgeLog;
  readonly now: () => number;
}

/** What the bridge knows of the agents in front of it, for each request that it sends. */
export class AgentReports {
  readonly #bridge = randomUUID();
  readonly #environment: AgentChain['environment'];
  readonly #book: AgentBook;
  readonly #listener: HookListener;

  constructor(private readonly parts: Parts) {
    const { env, log, now } = parts;
    this.#environment = environmentOf(env);
    this.#book = new AgentBook(now);
    this.#listener = new HookListener((report) => this.#book.take(report), log);
  }

  /** Only Claude Code has hooks that reach us. */
  listen(): void {
    const { stateFolder } = this.parts;
    if (stateFolder === undefined || this.#environment?.host !== 'claude-code') return;
    this.#listener.open(stateFolder, process.platform);
  }

  close(): void {
    this.#listener.close();
  }

  chainOf({ params }: { readonly params?: JsonObject }): AgentChain {
    const meta = params?.['_meta'];
    const toolUse = isObject(meta) ? meta['claudecode/toolUseId'] : undefined;
    const hook = typeof toolUse === 'string' ? this.#book.find(toolUse) : undefined;
    return {
      bridge: this.#bridge,
      ...(this.#environment === undefined ? {} : { environment: this.#environment }),
      ...(hook === undefined ? {} : { hook }),
    };
  }
}

function environmentOf(env: Environment): AgentChain['environment'] {
  for (const { host, session: variable, mark } of HOSTS) {
    const session = env[variable];
    if (session !== undefined && session !== '') return { host, session };
    if (mark !== undefined && env[mark] !== undefined) return { host };
  }
  return undefined;
}
