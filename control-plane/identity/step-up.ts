import type { StepUp } from '#shared/api/step-up.js';
import { CodedError } from '#shared/errors.js';

/** The sign-in behind a request is not what is demanded of it (RFC 9470). `message` is public. */
export class StepUpNeeded extends CodedError {
  constructor(
    readonly demand: StepUp,
    message: string,
  ) {
    super('step_up_needed', { message });
  }
}
