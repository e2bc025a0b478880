/** Where the parts of the demo company live. */
export interface Addresses {
  readonly publicUrl: string;
  readonly listen: string;
  readonly adminListen: string;
  readonly issuer: string;
  readonly crm: string;
  readonly everything: string;
}

export const IDP_CLIENT = 'mcp-sso';
export const IDP_SECRET_VARIABLE = 'MCP_SSO_IDP_SECRET';
export const CRM_SECRET = 'crm-api-key';

export interface CompanySettings {
  readonly logLevel: 'debug' | 'info';
  readonly database: string;
  /** Further entries below `servers:` and `identity:`. */
  readonly servers: string;
  readonly identity?: string;
}

/** `mcp-sso.yaml` of the demo company, as an administrator would write it. */
export function settingsFile(at: Addresses, { logLevel, database, servers, identity = '' }: CompanySettings): string {
  return `# The demo company's control plane.
publicUrl: ${at.publicUrl}
listen: ${at.listen}
adminListen: ${at.adminListen}
database: ${database}
masterKey: file:./master.key
logLevel: ${logLevel}
# Its MCP servers run on this machine.
privateNetworks: [127.0.0.0/8, '::1/128']

identity:
  providers:
    demo:
      issuer: ${at.issuer}
      clientId: ${IDP_CLIENT}
      clientSecret: env:${IDP_SECRET_VARIABLE}
      groupsClaim: groups
${identity}
roles:
  auditor: [demo/it-admins]
  helpdesk: [demo/it-admins]
  approver: [demo/approvers]
  author: [demo/authors]

servers:
  crm:
    title: Customers
    url: ${at.crm}
    credential: { kind: header, name: X-Api-Key, secret: secret:${CRM_SECRET} }
    tools:
      list_customers: { effect: read }
      get_customer: { effect: read }
      whoami: { effect: read }
      debug_dump: { effect: read }
      add_customer: { effect: write }
      delete_customer: { effect: destroy }
  everything:
    title: Everything
    url: ${at.everything}
    tools:
      echo: { effect: read }
      get-sum: { effect: read }
      get-tiny-image: { effect: read }
      get-structured-content: { effect: read }
      get-annotated-message: { effect: read }
      get-resource-links: { effect: read }
      get-resource-reference: { effect: read }
      trigger-long-running-operation: { effect: read }
      # get-env is not named here, so it counts as the worst: destroy.
${servers}`;
}
