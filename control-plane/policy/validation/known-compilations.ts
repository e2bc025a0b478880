import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CompileRequest } from '../compile.js';

/** The one in force, the one before, and a few candidates. */
const MAX_COMPILATIONS = 4;

/** What was compiled in this process: to compile is pure, so what was checked once is not checked again when it is activated. */
export class KnownCompilations<T> {
  readonly #compilations = new Map<string, T>();

  find(request: CompileRequest): T | undefined {
    return this.#compilations.get(keyOf(request));
  }

  add(request: CompileRequest, compilation: T): void {
    const key = keyOf(request);
    this.#compilations.delete(key);
    this.#compilations.set(key, compilation);
    if (this.#compilations.size <= MAX_COMPILATIONS) return;
    const [oldest] = this.#compilations.keys();
    if (oldest !== undefined) this.#compilations.delete(oldest);
  }
}

/** Everything that policies are checked against; what else stands in the settings changes no fault. */
function keyOf([files, { servers, identity }]: CompileRequest): string {
  const { providers, serviceAccounts } = identity;
  const read = [files, servers, Object.keys(providers).toSorted(), serviceAccounts];
  return createHash('sha256')
    .update(canonicalize(read) ?? '')
    .digest('hex');
}
