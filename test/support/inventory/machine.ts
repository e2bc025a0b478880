import { execFileSync } from 'node:child_process';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Secrets of the prepared configs, put together here so that no scanner takes this file for a leak. */
export const SECRETS = {
  github: ['ghp', 'Zq81LmXw02PvKc93RtYb47NdHs65JfGa10Ue'].join('_'),
  openai: ['sk', 'proj', 'T5rW8yUq2KdLm7ZxCvB4nPaS1fGhJ3kE'].join('-'),
  anthropic: ['sk', 'ant', 'api03', 'Wm4xRk8sVq1zTt6bLd9cYg2hNf5pJe7u'].join('-'),
  slack: ['xoxb', '730184629571', 'QwErTyUiOpAsDfGhJkLzXcVb'].join('-'),
  aws: ['AKIA', 'Q3EGR7TZW5N2MK8P'].join(''),
  jwt: ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJhbGljZSJ9', 'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'].join('.'),
  password: 'correct-horse-battery-staple',
  plain: 'hunter2hunter2',
  database: 'Sup3rGeheim!DB',
  query: '8f14e45fceea167a5a36dedd4bea2543',
  path: 'b6d767d2-f8ed-5d21-a44b-0e5886680cb9',
  random: 'V7pQ2mXzR9tLkW4nYc8sJb3Hd6GfTe1U',
  header: 'Zm9vLWJhci1iYXotcXV4LTEyMzQ1Ng',
} as const;

const NPX = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] };
const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** Texts of the configs by path below a home; `touch` is what starting a server would leave behind. */
function alicesFiles(touch: string): Readonly<Record<string, string>> {
  const starts = { command: '/bin/sh', args: ['-c', `touch ${touch}`] };
  return {
    '.config/Claude/claude_desktop_config.json': json({
      mcpServers: {
        'mcp-sso': { command: '/usr/local/bin/mcp-sso', args: ['bridge'] },
        github: { ...NPX, args: ['-y', '@modelcontextprotocol/server-github'], env: { GITHUB_TOKEN: SECRETS.github } },
        starter: starts,
      },
    }),
    '.claude.json': json({
      numStartups: 3,
      mcpServers: {
        filesystem: {
          type: 'stdio',
          command: 'npx',
          args: ['@modelcontextprotocol/server-filesystem@2026.8.31', '/srv/share'],
        },
      },
      projects: {
        '/code/shop': {
          mcpServers: {
            orders: {
              command: 'uvx',
              args: ['--from', 'orders-mcp==1.4.2', 'orders-mcp'],
              env: { DATABASE_URL: `postgres://app:${SECRETS.database}@db/orders` },
            },
          },
        },
      },
    }),
    '.cursor/mcp.json': json({
      mcpServers: {
        search: { url: `https://search.example/mcp?api_key=${SECRETS.query}` },
        crm: { url: 'http://crm.internal:8080/mcp', headers: { Authorization: `Bearer ${SECRETS.header}` } },
      },
    }),
    '.config/Code/User/mcp.json': `{
  // of mine
  "servers": {
    "web": { "type": "http", "url": "https://hooks.example/s/${SECRETS.path}/mcp", },
  },
}`,
    '.codeium/windsurf/mcp_config.json': `{\n  "mcpServers": {\n    "broken": ${SECRETS.plain}\n  }\n}\n`,
    '.codex/config.toml': `model = "x"\n\n[mcp_servers.docs]\ncommand = "docker"\nargs = ["run", "-i", "--rm", "-e", "API_KEY=${SECRETS.random}", "ghcr.io/acme/docs:latest"]\n`,
    '.gemini/settings.json': json({
      mcpServers: { maps: { httpUrl: 'https://maps.example/mcp', headers: { 'X-Key': '${MAPS_KEY}' } } },
    }),
    '.config/zed/settings.json': json({
      context_servers: { linear: { command: { path: 'bunx', args: ['linear-mcp@0.3.1'], env: {} } } },
    }),
    '.config/goose/config.yaml': `extensions:\n  developer:\n    type: builtin\n    enabled: true\n  slack:\n    type: stdio\n    cmd: npx\n    args: [-y, slack-mcp]\n    envs:\n      SLACK_BOT_TOKEN: ${SECRETS.slack}\n`,
    '.continue/config.yaml': `name: mine\nmcpServers:\n  - name: tickets\n    command: pipx\n    args: [run, tickets-mcp, --password, ${SECRETS.password}]\n`,
    '.lmstudio/mcp.json': json({
      mcpServers: {
        aws: { command: 'uvx', args: ['awslabs.core-mcp-server@latest'], env: { AWS_ACCESS_KEY_ID: SECRETS.aws } },
      },
    }),
    '.aws/amazonq/mcp.json': json({
      mcpServers: { jwt: { command: 'node', args: ['/opt/jwt.js', `--auth=${SECRETS.jwt}`] } },
    }),
    '.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json': json({
      mcpServers: { off: { ...NPX, disabled: true } },
    }),
    '.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json': json({
      mcpServers: { openai: { ...NPX, env: { KEY: SECRETS.openai } } },
    }),
    '.warp/.mcp.json': json({
      mcpServers: { everywhere: { command: 'python', args: ['server.py', '--host', '0.0.0.0'] } },
    }),
    '.config/Claude/Claude Extensions/acme.notes/manifest.json': json({
      manifest_version: '0.3',
      name: 'notes',
      version: '1.2.0',
      server: {
        type: 'node',
        entry_point: 'main.js',
        mcp_config: { command: 'node', args: ['${__dirname}/main.js'], env: { KEY: '${user_config.key}' } },
      },
    }),
    '.vscode/extensions/acme.helper-0.9.0/package.json': json({
      name: 'helper',
      publisher: 'acme',
      version: '0.9.0',
      contributes: { mcpServerDefinitionProviders: [{ id: 'helper', label: 'Helper' }] },
    }),
    'code/shop/.mcp.json': json({
      mcpServers: {
        project: { command: 'npx', args: ['git+https://github.com/acme/mcp#main'], env: { A: SECRETS.anthropic } },
      },
    }),
    'code/shop/.vscode/mcp.json': json({ servers: { starter2: starts } }),
    'code/shop/.cursor/mcp.json': json({ mcpServers: { remote: { url: 'https://remote.example/sse' } } }),
    'code/shop/.codex/config.toml': `[mcp_servers.x]\ncommand = "${SECRETS.plain}\n`,
    'code/deep/a/b/.gemini/settings.json': json({ mcpServers: { deep: NPX } }),
  };
}

/** Hostile ones: none may stop, fill or steer the inventory. */
const BOBS_FILES: Readonly<Record<string, string | Buffer>> = {
  '.cursor/mcp.json': Buffer.from('{"mcpServers":{"a":"\xe9"}}', 'latin1'),
  '.claude.json': `{"mcpServers":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
  '.config/goose/config.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(9)}]\n`).join('')}`,
  '.codex/config.toml': '[mcp_servers.company]\nurl = "https://mcp.acme.example/mcp/crm"\n',
  '.lmstudio/mcp.json': json({
    mcpServers: { 'evil\u001b[31m\nforged: line': { command: 'no\u001b]0;title\u0007de' } },
  }),
};

/** Two homes with thirty config files of apps, some of them broken or hostile. */
export async function prepareMachine(root: string): Promise<{ homes: readonly [string, string]; marker: string }> {
  const [alice, bob, marker] = [join(root, 'alice'), join(root, 'bob'), join(root, 'a-server-was-started')] as const;
  const files = { ...below(alice, alicesFiles(marker)), ...below(bob, BOBS_FILES) };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await mkdir(join(alice, '.kiro', 'settings'), { recursive: true });
  execFileSync('mkfifo', [join(alice, '.kiro', 'settings', 'mcp.json')]);
  await mkdir(join(bob, '.config', 'Claude'), { recursive: true });
  await symlink('claude_desktop_config.json', join(bob, '.config', 'Claude', 'claude_desktop_config.json'));
  await symlink('..', join(bob, 'circle'));
  await mkdir(join(bob, '.gemini'));
  const sparse = await open(join(bob, '.gemini', 'settings.json'), 'w');
  await sparse.truncate(64 * 1024 * 1024 * 1024);
  await sparse.close();
  return { homes: [alice, bob], marker };
}

function below(home: string, files: Readonly<Record<string, string | Buffer>>): Record<string, string | Buffer> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [join(home, path), content]));
}
