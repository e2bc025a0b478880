import type { IncomingMessage } from 'node:http';
import { stepUpIn } from '#shared/api/step-up.js';
import { CodedError } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { StepUpChallenge } from '../sign-in/step-up-request.js';
import { messagesOf } from './reply.js';

/** The control plane has done nothing with a call, because it needs another sign-in (RFC 9470). */
export class StepUpRefused extends CodedError {
  constructor(
    /** Undefined where the control plane says no way to renew the session that this computer has. */
    readonly challenge: StepUpChallenge | undefined,
    message: string | undefined,
  ) {
    super('step_up_needed', message === undefined ? {} : { message });
  }
}

/** What a 401 says of another sign-in; undefined where it is about the token. Reads the answer only if it says so. */
export async function stepUpRefused(response: IncomingMessage, origin: string): Promise<StepUpRefused | undefined> {
  const demand = stepUpIn(response.headers['www-authenticate']);
  if (demand === undefined) return undefined;
  const error = await errorIn(response, origin);
  const data = isObject(error['data']) ? error['data'] : {};
  const [handle, message] = [data['stepUp'], error['message']];
  return new StepUpRefused(
    typeof handle === 'string' ? { demand, handle } : undefined,
    typeof message === 'string' ? message : undefined,
  );
}

async function errorIn(response: IncomingMessage, origin: string): Promise<JsonObject> {
  try {
    for await (const text of messagesOf(response, origin)) {
      const message: unknown = JSON.parse(text);
      if (isObject(message) && isObject(message['error'])) return message['error'];
    }
  } catch {
    response.destroy();
  }
  return {};
}
