import type { Environment } from './secret-reference.js';

/** What the rules of the settings may look at besides the value in question. */
export interface Surroundings {
  /** The whole file, as plain data. */
  readonly value: unknown;
  /** The configuration directory. */
  readonly directory: string;
  readonly environment: Environment;
}
