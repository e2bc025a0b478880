/** Of the published schema that events are written for: https://schema.ocsf.io/1.8.0. */
export const OCSF_VERSION = '1.8.0';

/** What OCSF has no word for; the record's own type says it. */
export const OTHER = 99;

export const PRODUCT = { name: 'mcp-sso', vendor_name: 'mcp-sso' };

export interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly category: { readonly uid: number; readonly name: string };
  /** The activities that we use. */
  readonly activities: Readonly<Record<number, string>>;
}

const APPLICATION = { uid: 6, name: 'Application Activity' };
const IDENTITY = { uid: 3, name: 'Identity & Access Management' };

export const API_ACTIVITY: OcsfClass = {
  uid: 6003,
  name: 'API Activity',
  category: APPLICATION,
  activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
};

export const APPLICATION_LIFECYCLE: OcsfClass = {
  uid: 6002,
  name: 'Application Lifecycle',
  category: APPLICATION,
  activities: { 3: 'Start', 4: 'Stop' },
};

export const AUTHENTICATION: OcsfClass = {
  uid: 3002,
  name: 'Authentication',
  category: IDENTITY,
  activities: { 1: 'Logon', 2: 'Logoff' },
};

export const ENTITY_MANAGEMENT: OcsfClass = {
  uid: 3004,
  name: 'Entity Management',
  category: IDENTITY,
  activities: {
    1: 'Create',
    3: 'Update',
    4: 'Delete',
    8: 'Enable',
    9: 'Disable',
    10: 'Activate',
    11: 'Deactivate',
    12: 'Suspend',
  },
};

export const USER_ACCESS: OcsfClass = {
  uid: 3005,
  name: 'User Access Management',
  category: IDENTITY,
  activities: { 1: 'Assign Privileges', 2: 'Revoke Privileges' },
};

export const GROUP_MANAGEMENT: OcsfClass = {
  uid: 3006,
  name: 'Group Management',
  category: IDENTITY,
  activities: { 5: 'Delete', 6: 'Create' },
};
