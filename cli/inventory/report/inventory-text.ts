import type { ConfiguredServer, Endpoint, Inventory } from '#shared/api/inventory.js';
import { alignColumns } from '../../commands/table.js';
import { printable } from '../../system/printable.js';
import { PROBLEM_WORDS } from './problem-words.js';
import { ownerWords, secretWords, toolWords, whatOf } from './server-words.js';

/** An inventory for a person: files with their servers, the network, what could not be read, and one sentence of sums. */
export function inventoryText(inventory: Inventory): string {
  const blocks = [
    ...serverBlocks(inventory.servers),
    endpointBlock(inventory),
    listBlock(
      'Not read',
      inventory.unread.map(({ file, line, reason }) => `${file}${line === null ? '' : `, line ${line}`}: ${reason}`),
    ),
    listBlock('Not looked at', inventory.gaps),
    summary(inventory),
  ];
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}

function serverBlocks(servers: readonly ConfiguredServer[]): string[] {
  return [...Map.groupBy(servers, ({ file }) => file).entries()].map(([file, inFile]) => {
    const { appTitle, account, scope } = inFile[0]!;
    const whose = [appTitle, scope === 'user' ? '' : scope, account ?? ''].filter(Boolean).join(', ');
    const rows = inFile.map((server) => [
      `  ${server.line}`,
      printable(server.name),
      server.enabled ? server.transport : `${server.transport}, off`,
      whatOf(server),
      serverProblems(server),
    ]);
    return [
      `${printable(file)} (${printable(whose)})`,
      ...alignColumns([['  LINE', 'SERVER', 'SPEAKS', 'WHAT', 'PROBLEMS'], ...rows]),
    ].join('\n');
  });
}

function serverProblems({ problems, secrets, behind }: ConfiguredServer): string {
  const words = problems.map((problem) =>
    problem === 'plaintext-secret' ? secretWords(secrets) : PROBLEM_WORDS[problem].short,
  );
  return [...(behind === null ? [] : ['behind mcp-sso']), ...words].join('; ');
}

const STATES: Readonly<Record<Endpoint['state'], string>> = {
  open: 'OPEN, no login',
  protected: 'asks for a login',
  guarded: 'asks for a login; may be no MCP',
  silent: 'says nothing',
};

function endpointBlock({ endpoints, looked }: Inventory): string {
  if (looked.addresses === 0) return '';
  if (endpoints.length === 0) return 'No MCP server answers on the network that was asked.';
  const rows = endpoints.map((endpoint) => [
    printable(endpoint.url),
    STATES[endpoint.state],
    endpoint.server ? printable(`${endpoint.server.name} ${endpoint.server.version}`.trim()) : '-',
    endpoint.revision === null ? '-' : printable(endpoint.revision),
    endpoint.owner ? ownerWords(endpoint.owner) : printable(endpoint.hostName ?? '-'),
  ]);
  const open = endpoints.filter(({ state }) => state === 'open');
  const tools = open.map((endpoint) => `${printable(endpoint.url)}: ${toolWords(endpoint)}${boundWords(endpoint)}`);
  return [
    ...alignColumns([['ADDRESS', 'STATE', 'SERVER', 'MCP', 'OWNER'], ...rows]),
    ...(open.length > 0 ? ['', ...tools] : []),
  ].join('\n');
}

function boundWords({ problems, bind }: Endpoint): string {
  return problems.includes('bound-to-every-address') ? ` (listens at every address, ${printable(bind ?? '')})` : '';
}

function listBlock(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`${title}:`, ...lines.map((line) => `  ${printable(line)}`)].join('\n');
}

function summary({ servers, endpoints, looked }: Inventory): string {
  const apps = new Set(servers.map(({ app }) => app)).size;
  const files = new Set(servers.map(({ file }) => file)).size;
  const count = (test: (server: ConfiguredServer) => boolean): number => servers.filter(test).length;
  const configs = `${plural(servers.length, 'server')} in ${plural(files, 'file')} of ${plural(apps, 'app')}`;
  const parts = [
    `${count(({ behind }) => behind !== null)} behind mcp-sso`,
    `${count(({ secrets }) => secrets.length > 0)} with plaintext secrets`,
    `${count(({ problems }) => problems.includes('unpinned-package'))} unpinned`,
  ];
  const open = endpoints.filter(({ state }) => state === 'open').length;
  const network =
    looked.addresses === 0
      ? ''
      : ` On the network ${plural(open, 'server')} ${open === 1 ? 'answers' : 'answer'} without a login.`;
  return `${configs}: ${parts.join(', ')}.${network}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
