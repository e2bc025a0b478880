import { html, type Html } from './html.js';

/** One line of a list of facts. */
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

interface Named {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
}

export function shownName({ email, name, id }: Named): string {
  return email ?? name ?? id;
}
