import { ReplayWindow } from './replay-window.js';
import { ACCEPTED_SECONDS, UsedProofs, type ShownProof } from './used-proofs.js';

const MAX_REMEMBERED = 400_000;

/** What this process has seen: all there is where it is the only one. */
export class OwnProofs extends UsedProofs {
  readonly #window: ReplayWindow;

  /** `since`: epoch seconds of the start. When full it admits nothing. */
  constructor(
    readonly since = Math.floor(Date.now() / 1000),
    capacity = MAX_REMEMBERED,
  ) {
    super();
    this.#window = new ReplayWindow(ACCEPTED_SECONDS, capacity);
  }

  async use({ thumbprint, jti, issuedAt }: ShownProof, now: number): Promise<boolean> {
    return this.#window.admit(`${thumbprint}.${jti}`, issuedAt, now);
  }
}
