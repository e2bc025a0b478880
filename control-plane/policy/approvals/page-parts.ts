import { html, type Html } from '#shared/pages/html.js';
import type { Person } from '../../identity/caller.js';

/** One line of a list of facts; whatever others wrote comes through `visibleText`. */
export function row(term: string, value: string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** @param time epoch milliseconds */
export function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function shownName({ email, name, id }: Pick<Person, 'id' | 'email' | 'name'>): string {
  return email ?? name ?? id;
}
