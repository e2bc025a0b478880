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

/** Of all that `compilePolicies` takes. A map is no JSON. */
function keyOf([files, settings, known]: CompileRequest): string {
  const definitions = [...(known ?? [])].map(([server, tools]) => [server, [...tools]]);
  return createHash('sha256')
    .update(canonicalize([files, settings, definitions]) ?? '')
    .digest('hex');
}
