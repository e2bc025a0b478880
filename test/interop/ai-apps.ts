import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../demo/stack/root.js';

const AI_APPS_FOLDER = join(ROOT, 'test', 'peers', 'ai-apps', 'node_modules');
const PROMPT = 'Show the customer c-1.';

/** How the AI app of one vendor is set up in a home of its own and asked one question, with nobody at the keyboard. */
export interface AiApp {
  readonly name: string;
  /** Writes what the app reads, and returns what to run. */
  readonly prepare: (setting: Setting) => Run;
}

export interface Setting {
  readonly home: string;
  /** A folder of the person, in which the app works. */
  readonly folder: string;
  /** The executable that the app starts as its MCP server. */
  readonly bridge: string;
  /** Of the scripted model. */
  readonly model: string;
}

export interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const CLAUDE_CODE: AiApp = {
  name: 'Claude Code',
  prepare: ({ home, folder, bridge, model }) => {
    const config = join(folder, 'mcp.json');
    write(config, { mcpServers: { 'mcp-sso': { command: bridge, args: ['bridge'] } } });
    return {
      ...published('@anthropic-ai/claude-code/cli-wrapper.cjs', [
        '-p',
        PROMPT,
        '--strict-mcp-config',
        `--mcp-config=${config}`,
        '--allowedTools=mcp__mcp-sso',
      ]),
      env: {
        HOME: home,
        ANTHROPIC_BASE_URL: model,
        ANTHROPIC_API_KEY: 'scripted',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        // Tools are named to the model at once, not when it searches for them.
        ENABLE_TOOL_SEARCH: 'false',
        // The question waits for the server, as a person would.
        MCP_CONNECTION_NONBLOCKING: 'false',
      },
    };
  },
};

const CODEX: AiApp = {
  name: 'Codex',
  prepare: ({ home, folder, bridge, model }) => {
    write(
      join(home, '.codex', 'config.toml'),
      `model = "scripted"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "${model}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
[mcp_servers.mcp-sso]
command = "${bridge}"
args = ["bridge"]
`,
    );
    return {
      ...published('@openai/codex/bin/codex.js', [
        'exec',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        `--cd=${folder}`,
        PROMPT,
      ]),
      env: { HOME: home, SCRIPTED_KEY: 'scripted' },
    };
  },
};

const GEMINI_CLI: AiApp = {
  name: 'Gemini CLI',
  prepare: ({ home, bridge, model }) => {
    write(join(home, '.gemini', 'settings.json'), {
      security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      mcpServers: { 'mcp-sso': { command: bridge, args: ['bridge'], trust: true } },
    });
    return {
      ...published('@google/gemini-cli/bundle/gemini.js', ['--yolo', '--model', 'gemini-2.5-flash', '-p', PROMPT]),
      env: {
        HOME: home,
        GEMINI_API_KEY: 'scripted',
        GOOGLE_GEMINI_BASE_URL: model,
        GEMINI_CLI_TRUST_WORKSPACE: 'true',
      },
    };
  },
};

export const AI_APPS: readonly AiApp[] = [CLAUDE_CODE, CODEX, GEMINI_CLI];

function write(file: string, content: string | object): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

/** The program as its vendor published it; the launcher finds the part for this platform. */
function published(file: string, args: readonly string[]): Pick<Run, 'program' | 'args'> {
  const script = join(AI_APPS_FOLDER, file);
  if (!existsSync(script))
    throw new Error(`${script} is missing. npm run test:long installs it; see scripts/prepare.mjs.`);
  return { program: process.execPath, args: [script, ...args] };
}
