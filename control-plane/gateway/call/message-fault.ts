import { CodedError, type ErrorCode, type ErrorParts } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';

/** A refused message: the coded error, with the id that the answer repeats and what its `data` adds. */
export class MessageFault extends CodedError {
  readonly id: RequestId | undefined;
  readonly data: JsonObject | undefined;

  constructor(code: ErrorCode, parts: ErrorParts & { id?: RequestId | undefined; data?: JsonObject } = {}) {
    super(code, parts);
    this.id = parts.id;
    this.data = parts.data;
  }
}
