/** What the broker adds to one upstream request. The values never leave this process but toward that upstream. */
export interface Injection {
  /** Names the credential in the audit (`crm/bearer`), never its value. */
  readonly reference: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Of a hosted server: variables of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of a hosted server: absolute path in its sandbox → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Raw secrets to mask, in every encoding, in whatever the upstream answers. */
  readonly secrets: readonly string[];
}

export const NO_INJECTION: Injection = {
  reference: 'none',
  headers: {},
  query: {},
  environment: {},
  files: {},
  secrets: [],
};
