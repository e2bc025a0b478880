import { PATHS } from '#shared/api/paths.js';
import { asCoded } from '#shared/errors.js';
import type { Parts } from '../parts.js';
import type { ListMethod } from '../call/route.js';
import type { FetchedList } from './fetch-list.js';

/** The error says that a server waits for the person's own connection. */
export function waitsForConnection(error: unknown): boolean {
  const { code } = asCoded(error);
  return code === 'connection_needed' || code === 'connection_refused';
}

/**
 * What is offered of a server that the person has not connected yet, without asking it: tools whose definition is accepted, so
 * that the first call of one can ask for the connection (decision 039).
 */
export async function unconnectedList(
  { definitions, known }: Pick<Parts, 'definitions' | 'known'>,
  server: string,
  method: ListMethod,
): Promise<FetchedList> {
  const items = method === 'tools/list' ? await definitions.acceptedTools(server) : [];
  known.rememberAccepted(
    server,
    items.map(({ name }) => String(name)),
  );
  return { items, rest: {}, unconnected: true };
}

/** Where a person connects their accounts. */
export function connectAddress({ publicUrl }: Pick<Parts, 'publicUrl'>): string {
  return publicUrl + PATHS.connectPage;
}

/** What an AI app reads of such servers. */
export function unconnectedSentence(parts: Pick<Parts, 'publicUrl'>, servers: readonly string[]): string[] {
  if (servers.length === 0) return [];
  return [
    `These wait for the person's own connection: ${servers.join(', ')}. Call a tool of theirs, which asks for it, or tell ` +
      `the person to open ${connectAddress(parts)} and to connect their account there; more tools may appear then.`,
  ];
}
