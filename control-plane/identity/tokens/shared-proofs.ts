import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { GroupCommit } from '../../storage/group-commit.js';
import type { Database } from '../../storage/schema.js';
import { OwnProofs } from './own-proofs.js';
import { ACCEPTED_SECONDS, UsedProofs, type ShownProof } from './used-proofs.js';

const LIMITS = { queue: 10_000, batch: 500, wait: 5_000 };
/** Milliseconds after its issue until a proof is forgotten: replicas, and what clears away, may differ by two minutes. */
const KEPT_MS = (ACCEPTED_SECONDS + 120) * 1000;

/** What every control plane on the database has seen; what this one has seen itself is refused without asking. */
export class SharedProofs extends UsedProofs {
  readonly since = 0;
  readonly #own = new OwnProofs();
  readonly #commits = new GroupCommit<ShownProof, boolean>((proofs) => this.#insert(proofs), LIMITS);

  constructor(private readonly db: Kysely<Database>) {
    super();
  }

  /** Rejects with `database_unavailable`: the call is refused. */
  async use(proof: ShownProof, now: number): Promise<boolean> {
    return (await this.#own.use(proof, now)) && this.#commits.add(proof);
  }

  async #insert(proofs: readonly ShownProof[]): Promise<boolean[]> {
    const rows = proofs.map((proof) => ({ id: idOf(proof), expires_at: Math.ceil(proof.issuedAt * 1000) + KEPT_MS }));
    try {
      const inserted = await this.db
        .insertInto('dpop_proofs')
        // In one order on every replica: a proof that is shown to two must not make them wait for each other.
        .values(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .execute();
      const first = new Set(inserted.map(({ id }) => id));
      return rows.map(({ id }) => first.delete(id));
    } catch (cause) {
      throw new CodedError('database_unavailable', { detail: 'dpop proofs', cause });
    }
  }
}

function idOf({ thumbprint, jti }: ShownProof): string {
  return createHash('sha256').update(`${thumbprint}.${jti}`).digest('base64url');
}
