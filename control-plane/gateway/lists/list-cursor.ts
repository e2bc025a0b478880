import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { CodedError } from '#shared/errors.js';
import type { Caller } from '../../identity/caller.js';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'mcp-list-cursors';
const MAX_CURSOR = 8_192;

/** Where the next page of a list begins: after this item of this server. */
export interface Position {
  readonly server: string;
  /** The server's own name or URI. */
  readonly after: string;
}

type Sealing = Pick<StorageService, 'seal' | 'open'>;

/** A cursor is sealed: it opens for this sign-in, endpoint and list only. */
export function sealCursor(sealing: Sealing, caller: Caller, list: string, { server, after }: Position): string {
  const plain = Buffer.from(JSON.stringify({ list, server, after }));
  return sealing.seal(PURPOSE, caller.session.id, plain).toString('base64url');
}

/** The position that the request names, if it names one. Throws `params_invalid`. */
export function openCursor(
  sealing: Sealing,
  caller: Caller,
  list: string,
  params: JsonObject | undefined,
): Position | undefined {
  const cursor = params?.['cursor'];
  if (cursor === undefined) return undefined;
  if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR) throw stale();
  const position = opened(sealing, caller, cursor);
  if (position?.['list'] !== list) throw stale();
  return { server: String(position['server']), after: String(position['after']) };
}

function opened(sealing: Sealing, caller: Caller, cursor: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(
      sealing.open(PURPOSE, caller.session.id, Buffer.from(cursor, 'base64url')).toString(),
    );
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What lies behind a cursor may be gone; the list has to be asked for anew. */
export function stale(): CodedError {
  return new CodedError('params_invalid', { message: 'The cursor is not valid. Begin the list again without one.' });
}
