import type { Environment } from './secret-reference.js';

/** The one place where the control plane reads its environment. */
export function processEnvironment(): Environment {
  return process.env;
}
