export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A kind of value (RFC 7643 §2.3). */
type AttributeType = 'string' | 'boolean' | 'reference' | 'complex';

/** One attribute that we keep (RFC 7643 §7). What is not named here is not kept. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued?: true;
  readonly required?: true;
  readonly caseExact?: true;
  readonly unique?: true;
  readonly parts?: readonly Attribute[];
}

export type ResourceType = 'User' | 'Group';

const texts = (...names: readonly string[]): readonly Attribute[] => names.map((name) => ({ name, type: 'string' }));
const complex = (name: string, parts: readonly Attribute[]): Attribute => ({ name, type: 'complex', parts });
const several = (name: string, extra: readonly Attribute[] = []): Attribute => ({
  name,
  type: 'complex',
  multiValued: true,
  parts: [...texts('value', 'display', 'type'), { name: 'primary', type: 'boolean' }, ...extra],
});

const EXTERNAL_ID: Attribute = { name: 'externalId', type: 'string', caseExact: true };

const USER: readonly Attribute[] = [
  { name: 'userName', type: 'string', required: true, unique: true },
  EXTERNAL_ID,
  { name: 'active', type: 'boolean' },
  complex('name', texts('formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix')),
  ...texts('displayName', 'nickName', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'),
  { name: 'profileUrl', type: 'reference' },
  several('emails'),
  several('phoneNumbers'),
  several('ims'),
  several('photos'),
  several('roles'),
  several('entitlements'),
  several('addresses', texts('formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country')),
];

const ENTERPRISE: readonly Attribute[] = [
  ...texts('employeeNumber', 'costCenter', 'organization', 'division', 'department'),
  complex('manager', [...texts('value', 'displayName'), { name: '$ref', type: 'reference' }]),
];

const GROUP: readonly Attribute[] = [
  { name: 'displayName', type: 'string', required: true },
  EXTERNAL_ID,
  {
    name: 'members',
    type: 'complex',
    multiValued: true,
    parts: [...texts('value', 'display', 'type'), { name: '$ref', type: 'reference' }],
  },
];

/** The attributes of a resource by the schema that they belong to; the first is the core schema. */
export const SCHEMAS: Readonly<
  Record<ResourceType, readonly (readonly [urn: string, attributes: readonly Attribute[]])[]>
> = {
  User: [
    [USER_SCHEMA, USER],
    [ENTERPRISE_SCHEMA, ENTERPRISE],
  ],
  Group: [[GROUP_SCHEMA, GROUP]],
};

/** Attribute names are case-insensitive (RFC 7643 §2.1). */
export function attributeNamed(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted);
}
