import { GROUP_SCHEMA, SCHEMAS, USER_SCHEMA, type Attribute, type ResourceType } from './attributes.js';
import { MAX_COUNT, type Found } from './page.js';

const ENDPOINTS: Readonly<Record<ResourceType, string>> = { User: '/Users', Group: '/Groups' };
const NAMES: Readonly<Record<string, string>> = { [USER_SCHEMA]: 'User', [GROUP_SCHEMA]: 'Group' };

/** RFC 7643 §5; `base` is the address of `/scim/v2`. */
export function serviceProviderConfig(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_COUNT },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The token that identity.providers.NAME.scim.token names.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

/** RFC 7643 §6. */
export function resourceTypes(base: string, types: readonly ResourceType[]): Found<{ readonly id: string }> {
  const resources = types.map((type) => {
    const [core, ...extensions] = SCHEMAS[type].map(([urn]) => urn);
    return {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: type,
      name: type,
      endpoint: ENDPOINTS[type],
      schema: core,
      schemaExtensions: extensions.map((schema) => ({ schema, required: false })),
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type}` },
    };
  });
  return { total: resources.length, resources };
}

/** RFC 7643 §7. */
export function schemaDefinitions(base: string, types: readonly ResourceType[]): Found<{ readonly id: string }> {
  const resources = types.flatMap((type) =>
    SCHEMAS[type].map(([id, attributes]) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id,
      name: NAMES[id] ?? 'EnterpriseUser',
      attributes: attributes.map(definitionOf),
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
    })),
  );
  return { total: resources.length, resources };
}

function definitionOf(attribute: Attribute): object {
  const { name, type, multiValued, required, caseExact, unique, parts } = attribute;
  return {
    name,
    type,
    multiValued: multiValued ?? false,
    required: required ?? false,
    ...(type === 'string' ? { caseExact: caseExact ?? false, uniqueness: unique ? 'server' : 'none' } : {}),
    mutability: 'readWrite',
    returned: 'default',
    ...(parts ? { subAttributes: parts.map(definitionOf) } : {}),
  };
}
