/** `scimType` of RFC 7644 §3.12, as far as we have something to say by it. */
export type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'
  | 'uniqueness';

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A refusal in the protocol's own words. The message is public: it never repeats what the request held. */
export class ScimError extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
    readonly scimType?: ScimType,
  ) {
    super(message);
    this.name = 'ScimError';
  }
}

export interface ScimErrorBody {
  readonly schemas: readonly [typeof ERROR_SCHEMA];
  /** A text, as the RFC has it. */
  readonly status: string;
  readonly detail: string;
  readonly scimType?: ScimType;
}

/** RFC 7644 §3.12. */
export function scimErrorBody({
  status,
  message,
  scimType,
}: Pick<ScimError, 'status' | 'message' | 'scimType'>): ScimErrorBody {
  return {
    schemas: [ERROR_SCHEMA],
    status: String(status),
    detail: message,
    ...(scimType === undefined ? {} : { scimType }),
  };
}
