import { appendFileSync } from 'node:fs';
import { z } from 'zod';

/** One request as the CRM received it: what proves that a denied call never arrived. */
export interface ReceivedRequest {
  /** RFC 3339. */
  readonly time: string;
  readonly authorised: boolean;
  /** JSON-RPC method and, for tools, resources and prompts, its name or URI. */
  readonly method: string | null;
  readonly target: string | null;
  /** Names of all headers, lower-case; never their values. */
  readonly headers: readonly string[];
}

const messageSchema = z.object({
  method: z.string(),
  params: z.object({ name: z.string().optional(), uri: z.string().optional() }).optional(),
});

/** Appends one JSON line a request; written before the request is answered. */
export function logRequest(file: string, authorised: boolean, headers: readonly string[], body: string): void {
  const message = messageSchema.safeParse(parsed(body));
  const received: ReceivedRequest = {
    time: new Date().toISOString(),
    authorised,
    method: message.success ? message.data.method : null,
    target: message.success ? (message.data.params?.name ?? message.data.params?.uri ?? null) : null,
    headers,
  };
  appendFileSync(file, `${JSON.stringify(received)}\n`, { mode: 0o600 });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
