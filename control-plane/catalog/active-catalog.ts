import { CodedError } from '#shared/errors.js';
import type { LoadedConfig } from '../config/settings.js';
import { carriedOver, unstored, type Revision } from './revision.js';

/** Makes ready what a part keeps of a revision, and returns the switch to it. Throws where it cannot serve it. */
export type Preparation = (next: Revision) => () => void;
/** Does ahead what of a preparation takes long, while another revision is served. Rejects where it cannot be served. */
export type Foresight = (next: Revision) => Promise<void>;

/** The revision that this process serves. Whoever keeps something made of it follows; all switch in one moment. */
export class ActiveCatalog {
  readonly #followers: Preparation[] = [];
  readonly #foresights: Foresight[] = [];
  #latest: Revision;
  #withheld: string | undefined;
  #confirm: () => Promise<void> = () => Promise.resolve();

  constructor(initial: Revision) {
    this.#latest = initial;
  }

  /** With the directory's own content, which stands until the stored one is known. */
  static of({ settings, policyFiles }: LoadedConfig): ActiveCatalog {
    return new ActiveCatalog(unstored({ servers: settings.servers, roles: settings.roles, policyFiles }));
  }

  /** Throws `policy_failed` while nothing may be served. */
  current(): Revision {
    if (this.#withheld === undefined) return this.#latest;
    throw new CodedError('policy_failed', {
      message:
        'The servers and policies that are in force cannot be read here, so nothing is served. Try again in a moment.',
      detail: this.#withheld,
    });
  }

  /** After it, `current` is what was active a second ago or later. Rejects with `database_unavailable` where nobody can say. */
  async confirm(): Promise<void> {
    await this.#confirm();
  }

  confirmBy(confirm: () => Promise<void>): void {
    this.#confirm = confirm;
  }

  /** Also while nothing is served: for what gives names to the past, never for what decides. */
  get latest(): Revision {
    return this.#latest;
  }

  /** Why nothing is served, for operators. */
  get withheld(): string | undefined {
    return this.#withheld;
  }

  /** Runs at once for the current revision. Throws what the preparation throws. */
  follow(preparation: Preparation, foresight?: Foresight): void {
    preparation(this.#latest)();
    this.#followers.push(preparation);
    if (foresight) this.#foresights.push(foresight);
  }

  /** What should come before `activate`, so that it takes one moment. Rejects where a follower cannot serve it. */
  async foresee(next: Revision): Promise<void> {
    const revision = carriedOver(this.#latest.servers, next);
    for (const foresight of this.#foresights) await foresight(revision);
  }

  /** Throws where a follower cannot serve it; then nothing has changed. */
  activate(next: Revision): void {
    const revision = carriedOver(this.#latest.servers, next);
    const switches = this.#followers.map((preparation) => preparation(revision));
    this.#latest = revision;
    this.#withheld = undefined;
    for (const switchOver of switches) switchOver();
  }

  /** Serves nothing rather than what is no longer in force. */
  withhold(why: string): void {
    this.#withheld = why;
  }
}
