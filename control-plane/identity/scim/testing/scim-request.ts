export const SCIM_TOKEN = 'scim-token-of-the-tests-0123456789abcdef';

export interface ScimAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  /** Undefined where there is none. */
  readonly body: Record<string, unknown> | undefined;
}

/** What a provider's SCIM client sends; `path` lies below `/scim/v2`. */
export async function scimRequest(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  token = SCIM_TOKEN,
): Promise<ScimAnswer> {
  const response = await fetch(`${origin}/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** The body of a PATCH (RFC 7644 §3.5.2). */
export function patchOf(...operations: readonly object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}

/** The resources of a list's answer. */
export function resourcesIn({ body }: ScimAnswer): readonly { readonly id: string }[] {
  return (body?.['Resources'] ?? []) as readonly { readonly id: string }[];
}
