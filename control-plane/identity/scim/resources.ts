import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from './protocol/attributes.js';
import type { GroupWithMembers } from './groups.service.js';
import type { ScimUser } from './user-rows.js';

/** A resource as it is answered (RFC 7643 §3); `base` is the address of `/scim/v2`. */
export type Resource = Readonly<Record<string, unknown>> & { readonly meta: { readonly location: string } };

export function userResource(base: string, { id, active, document, createdAt, changedAt }: ScimUser): Resource {
  const extensions = ENTERPRISE_SCHEMA in document ? [ENTERPRISE_SCHEMA] : [];
  const meta = metaOf('User', `${base}/Users/${id}`, createdAt, changedAt);
  return { schemas: [USER_SCHEMA, ...extensions], id, ...document, active, meta };
}

export function groupResource(base: string, { group, members }: GroupWithMembers): Resource {
  const { id, displayName, externalId, createdAt, changedAt } = group;
  const shownMembers = [...(members ?? [])].map((value) => ({ value, $ref: `${base}/Users/${value}`, type: 'User' }));
  return {
    schemas: [GROUP_SCHEMA],
    id,
    ...(externalId === null ? {} : { externalId }),
    displayName,
    ...(members ? { members: shownMembers } : {}),
    meta: metaOf('Group', `${base}/Groups/${id}`, createdAt, changedAt),
  };
}

function metaOf(resourceType: string, location: string, createdAt: number, changedAt: number) {
  const [created, lastModified] = [createdAt, changedAt].map((at) => new Date(at).toISOString());
  return { resourceType, created, lastModified, location };
}
