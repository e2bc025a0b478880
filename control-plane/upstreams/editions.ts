import type { ServerSettings } from '../config/settings.js';

/** Names a server together with its settings, so that what was kept for it is not found again once they change. */
export class Editions {
  readonly #numbers = new WeakMap<ServerSettings, number>();
  #last = 0;

  of(server: string, settings: ServerSettings): string {
    const number = this.#numbers.get(settings) ?? (this.#last += 1);
    this.#numbers.set(settings, number);
    return `${server}#${number}`;
  }
}
