import type { Endpoint, SocketOwner } from '#shared/api/inventory.js';

/** One port to be tried. */
export interface ProbeTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Tried in this order, until one is spoken there. */
  readonly schemes: readonly ('http' | 'https')[];
  readonly paths: readonly string[];
  readonly found: Endpoint['found'];
  /** With `listening`: where the system says that it listens, and who. */
  readonly bind: string | null;
  readonly owner: SocketOwner | null;
}

/** Where MCP servers usually are: streamable HTTP first, then the old transport, then what frameworks make of both. */
export const USUAL_PATHS = ['/mcp', '/sse', '/', '/api/mcp', '/v1/mcp'] as const;

/** Ports of web servers, and of what MCP frameworks, gateways and inspectors listen at unless told. */
export const USUAL_PORTS = [
  80, 443, 3000, 3001, 4000, 5000, 6277, 8000, 8001, 8080, 8081, 8443, 8811, 8888, 9000, 9090,
] as const;

const TLS_PORTS: ReadonlySet<number> = new Set([443, 8443, 9443]);

export function schemesOf(port: number): readonly ('http' | 'https')[] {
  return TLS_PORTS.has(port) ? ['https', 'http'] : ['http', 'https'];
}

export function originOf(scheme: string, { host, port }: ProbeTarget): string {
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;
}
