/** One call that a person's AI app makes, and what must come of it. */
export interface Scene {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly decision: 'allow' | 'deny';
  /** Text that the answer must hold. */
  readonly says: string;
  /** Text that it must not hold. */
  readonly hides?: 'the API key';
  /** What the table calls the decision, where there is a better word. */
  readonly shown?: 'waits';
  /** What decided where no policy did. */
  readonly decidedBy?: string;
}

export interface Chapter {
  readonly person: string;
  readonly group: string;
  /** How the person signs in: by `mcp-sso login`, by `mcp-sso login --device`, or by the bridge's own tool inside the AI app. */
  readonly signsInBy: 'login' | 'device' | 'sign_in';
  /** The protocol that the AI app opens with. */
  readonly mode: 'legacy' | 'auto';
  readonly app: { readonly name: string; readonly version: string };
  /** Servers of which the person sees any tool. */
  readonly sees: readonly string[];
  /** Tools that must not be in the person's list. */
  readonly neverSees: readonly string[];
  readonly scenes: readonly Scene[];
}

const CLAUDE = { name: 'claude-ai', version: '1.4.2' };
const CURSOR = { name: 'cursor-vscode', version: '2.1.0' };

export const STORY: readonly Chapter[] = [
  {
    person: 'alice',
    group: 'engineering',
    signsInBy: 'login',
    mode: 'legacy',
    app: CLAUDE,
    sees: ['crm', 'everything', 'files'],
    neverSees: ['everything__get-env', 'files__write_file'],
    scenes: [
      { tool: 'crm__list_customers', args: {}, decision: 'allow', says: 'Nordwind' },
      { tool: 'crm__add_customer', args: { name: 'Contoso', city: 'Ghent' }, decision: 'allow', says: 'Contoso' },
      { tool: 'crm__whoami', args: {}, decision: 'allow', says: 'x-api-key' },
      { tool: 'crm__debug_dump', args: {}, decision: 'allow', says: 'raw', hides: 'the API key' },
      { tool: 'everything__get-env', args: {}, decision: 'deny', says: 'No policy permits' },
      { tool: 'files__read_text_file', args: { path: 'handbook.txt' }, decision: 'allow', says: 'second floor' },
      {
        tool: 'files__write_file',
        args: { path: 'handbook.txt', content: 'Nothing.' },
        decision: 'deny',
        says: 'No policy permits',
      },
    ],
  },
  {
    person: 'bob',
    group: 'sales',
    signsInBy: 'login',
    mode: 'auto',
    app: CURSOR,
    sees: ['crm'],
    neverSees: ['crm__add_customer', 'everything__echo'],
    scenes: [
      { tool: 'crm__get_customer', args: { id: 'c-2' }, decision: 'allow', says: 'Fabrikam' },
      { tool: 'crm__add_customer', args: { name: 'Mine', city: 'Rome' }, decision: 'deny', says: 'No policy permits' },
    ],
  },
  {
    person: 'carol',
    group: 'contractors',
    signsInBy: 'sign_in',
    mode: 'legacy',
    app: CLAUDE,
    sees: ['everything'],
    neverSees: ['crm__list_customers', 'everything__get-env'],
    scenes: [
      { tool: 'everything__get-sum', args: { a: 19, b: 23 }, decision: 'allow', says: '42' },
      {
        tool: 'crm__list_customers',
        args: {},
        decision: 'deny',
        says: 'Contractors have no access to customer data.',
      },
    ],
  },
  {
    person: 'dave',
    group: 'it-admins',
    signsInBy: 'device',
    mode: 'legacy',
    app: CLAUDE,
    sees: [],
    neverSees: ['crm__list_customers', 'everything__echo'],
    scenes: [{ tool: 'crm__list_customers', args: {}, decision: 'deny', says: 'No policy permits' }],
  },
];
