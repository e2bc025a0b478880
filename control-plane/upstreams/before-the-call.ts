import { asCoded, CodedError } from '#shared/errors.js';

/** Whatever fails before the call was sent: the call was not made, and the caller may be told so. */
export async function beforeTheCall<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    const coded = asCoded(error);
    if (coded.code === 'upstream_invalid') {
      const message = `${coded.message} The call was not made.`;
      throw new CodedError('upstream_unreachable', { message, detail: coded.detail ?? coded.message, cause: error });
    }
    const unsure = ['outcome_unknown', 'upstream_timeout', 'internal', 'interrupted'].includes(coded.code);
    throw unsure
      ? new CodedError('upstream_unreachable', { detail: coded.detail ?? coded.message, cause: error })
      : coded;
  }
}
