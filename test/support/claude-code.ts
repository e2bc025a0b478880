import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { within } from '../../demo/stack/child.js';
import type { Laptop } from '../../demo/walk/laptop.js';

const WAIT_MS = 30_000;

/** An agent of the conversation: the main one has no id. */
export interface Agent {
  readonly id?: string;
  readonly type?: string;
}

/** What Claude Code 2.1 does around tool calls: it starts the bridge, runs the hooks of the plugin, then makes the call. */
export class ClaudeCode {
  readonly #client = new Client(
    { name: 'claude-code', version: '2.1.319' },
    { versionNegotiation: { mode: 'legacy' } },
  );
  readonly #transport: StdioClientTransport;
  #toolUses = 0;

  constructor(
    private readonly laptop: Laptop,
    /** As the environment of the bridge has it: of the session that started it, which may be another by now. */
    environmentSession: string,
    private readonly session: string,
    /** Whether the plugin is installed. */
    private readonly plugin = true,
  ) {
    const { command, args } = laptop.commandLine(['bridge']);
    const [clear, home, ...program] = args as [string, string, ...string[]];
    const own = ['CLAUDECODE=1', `CLAUDE_CODE_SESSION_ID=${environmentSession}`];
    this.#transport = new StdioClientTransport({
      command,
      args: [clear, home, ...own, ...program],
      cwd: laptop.elsewhere,
      stderr: 'ignore',
    });
  }

  async start(): Promise<void> {
    await within(this.#client.connect(this.#transport), WAIT_MS, 'The bridge did not answer');
    await this.#hook('SessionStart', {}, { source: 'startup' });
  }

  /** `by` uses a tool of the bridge; resolves with its first text. */
  async call(by: Agent, name: string, args: Record<string, unknown> = {}): Promise<string> {
    const toolUse = this.#nextToolUse();
    await this.#toolUse('PreToolUse', by, toolUse, `mcp__mcp-sso__${name}`, args);
    const params = { name, arguments: args, _meta: { 'claudecode/toolUseId': toolUse } };
    const { content } = await this.#client.callTool(params, { timeout: WAIT_MS });
    const [block] = content;
    return block?.type === 'text' ? block.text : '';
  }

  /** `by` starts a sub-agent, which does its work until `work` has ended. */
  async delegate(by: Agent, agent: Required<Agent>, work: () => Promise<void>): Promise<void> {
    const toolUse = this.#nextToolUse();
    const input = { subagent_type: agent.type, description: 'd', prompt: 'p' };
    await this.#toolUse('PreToolUse', by, toolUse, 'Agent', input);
    await this.#hook('SubagentStart', agent);
    await work();
    await this.#hook('SubagentStop', agent, { stop_hook_active: false });
    await this.#toolUse('PostToolUse', by, toolUse, 'Agent', input, { tool_response: { agentId: agent.id } });
  }

  async end(): Promise<void> {
    await this.#hook('SessionEnd', {}, { reason: 'exit' });
    await this.#client.close();
  }

  #nextToolUse(): string {
    return `toolu_${(this.#toolUses += 1)}`;
  }

  async #toolUse(event: string, by: Agent, id: string, name: string, input: object, more: object = {}): Promise<void> {
    await this.#hook(event, by, { tool_name: name, tool_input: input, tool_use_id: id, ...more });
  }

  async #hook(event: string, { id, type }: Agent, more: object = {}): Promise<void> {
    if (!this.plugin) return;
    const { command, args } = this.laptop.commandLine(['hook']);
    const hook = spawn(command, args, { cwd: this.laptop.elsewhere, stdio: ['pipe', 'pipe', 'ignore'] });
    const said: Buffer[] = [];
    hook.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    const common = { session_id: this.session, transcript_path: '/t', cwd: '/c', prompt_id: 'prompt-1' };
    const agent = id === undefined ? {} : { agent_id: id, agent_type: type };
    hook.stdin.end(JSON.stringify({ ...common, ...agent, hook_event_name: event, ...more }));
    const [code] = (await within(once(hook, 'close'), WAIT_MS, 'The hook did not end')) as [number];
    if (code !== 0 || said.length > 0) throw new Error(`The hook ended with ${code} and said ${said.join('')}`);
  }
}
