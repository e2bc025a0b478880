import { CRM_SECRET } from '../../../demo/stack/company.js';
import { programFile } from '../process.js';

/** Id of the server that the control plane runs itself. */
export const HOSTED = 'hosted';
/** What the owners of idle bridges belong to. */
export const IDLE_GROUP = 'demo/idle';
const DEMO_PERSONS = 'demo/engineering';

/** One person makes the whole load, and has as many sign-ins as connections need. */
const LIMITS = 'limits: { callsPerPerson: 1000 }\n';

export interface Catalog {
  /** Entries of `servers:`. */
  readonly servers: string;
  /** Cedar, by file. */
  readonly policies: readonly string[];
}

/** `servers` HTTP servers with a credential from the vault, all at `upstream`, and a hosted one; engineering may use them. */
export function catalogOf(upstream: string, servers: number): Catalog {
  const ids = idsOf(servers);
  return {
    servers: serversText(upstream, ids) + hostedText() + LIMITS,
    policies: [
      [...ids, HOSTED].map((id) => permit(`engineering-${id}`, DEMO_PERSONS, id)).join('\n'),
      permit('idle-bench0', IDLE_GROUP, 'bench0'),
    ],
  };
}

/** `policies` of them spread over `servers` servers; on each, one lets engineering in and the others are about other groups. */
export function growingCatalog(upstream: string, servers: number, policies: number): Catalog {
  const ids = idsOf(servers);
  const texts = ids.map((): string[] => []);
  for (let made = 0; made < policies; made += 1) {
    const server = made % servers;
    const group = made < servers ? DEMO_PERSONS : `demo/team-${made}`;
    texts[server]!.push(permit(`policy-${made}`, group, ids[server]!));
  }
  return { servers: serversText(upstream, ids) + LIMITS, policies: texts.map((file) => file.join('\n')) };
}

export function idsOf(servers: number): string[] {
  return Array.from({ length: servers }, (_, index) => `bench${index}`);
}

function serversText(upstream: string, ids: readonly string[]): string {
  const tools = '{ tool_00: { effect: read }, large: { effect: read } }';
  const credential = `{ kind: header, name: X-Api-Key, secret: secret:${CRM_SECRET} }`;
  return ids
    .map((id) => `  ${id}:\n    url: ${upstream}/${id}\n    credential: ${credential}\n    tools: ${tools}\n`)
    .join('');
}

/** Without a sandbox, as the gateways beside it run theirs. */
function hostedText(): string {
  const command = JSON.stringify([process.execPath, programFile('stdio-upstream')]);
  return `  ${HOSTED}: { command: ${command}, isolation: none, network: host }\n`;
}

function permit(id: string, group: string, server: string): string {
  return `@id("${id}")
@reason("The bench calls ${server}.")
permit (principal in Mcp::Group::"${group}", action, resource in Mcp::Server::"${server}");
`;
}
