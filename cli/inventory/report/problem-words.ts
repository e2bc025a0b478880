import type { Problem } from '#shared/api/inventory.js';

/** What a person is told of one kind of problem. */
export interface ProblemWords {
  /** In a table. */
  readonly short: string;
  /** What it means. */
  readonly long: string;
  /** What to do. */
  readonly help: string;
  /** As SARIF has them. */
  readonly level: 'error' | 'warning' | 'note';
}

export const PROBLEM_WORDS: Readonly<Record<Problem, ProblemWords>> = {
  'answers-without-login': {
    short: 'no login',
    long: 'An MCP server on the network lists its tools to strangers.',
    help: 'Put it behind mcp-sso, and let it accept connections from the control plane only.',
    level: 'error',
  },
  'plaintext-secret': {
    short: 'plaintext secret',
    long: 'A config holds a secret in plain text.',
    help: 'Replace the secret at its issuer, since copies of the file may exist, and let the control plane keep the new one.',
    level: 'error',
  },
  'bound-to-every-address': {
    short: 'every address',
    long: 'A server listens at every address of its machine, so that the whole network reaches it.',
    help: 'Let it listen at 127.0.0.1, or put it behind mcp-sso.',
    level: 'warning',
  },
  'unencrypted-address': {
    short: 'no TLS',
    long: 'A server on another machine is reached by plain HTTP: who is between reads and changes what is said.',
    help: 'Use https, or put it behind mcp-sso.',
    level: 'warning',
  },
  'unpinned-package': {
    short: 'unpinned',
    long: 'A package is run in whatever version its registry gives out at that moment.',
    help: 'Name one exact version, digest or commit.',
    level: 'warning',
  },
  'not-behind-mcp-sso': {
    short: 'direct',
    long: 'An AI app uses this server without company sign-in, policy and audit.',
    help: 'Add the server to the control plane, run `mcp-sso setup`, and take this entry out.',
    level: 'note',
  },
};
