import { errorText } from '#shared/errors.js';

/** What a row measures, and what is asked of it. */
export interface About {
  readonly id: string;
  readonly what: string;
  /** What the value is: a ratio, or a unit. */
  readonly unit: 'x' | 'ms' | 'µs' | 'KB' | 'MB';
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Figure {
  readonly value: number;
  /** The absolute figures behind it. */
  readonly detail: string;
}

/** One line of the table. */
export interface Row extends About {
  /** Null where it was not measured; `detail` says why. */
  readonly value: number | null;
  readonly detail: string;
  /** It should have been measured. */
  readonly failed: boolean;
}

/** A part of the table under its own title. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Measures one row; where that breaks, the row says so and the run goes on. */
export async function measured(about: About, measure: () => Promise<Figure>): Promise<Row> {
  try {
    return figure(about, await measure());
  } catch (error) {
    return failed(about, error);
  }
}

export function figure(about: About, { value, detail }: Figure): Row {
  return { ...about, value, detail, failed: false };
}

export function notMeasured(about: About, why: string): Row {
  return { ...about, value: null, detail: `not measured: ${why}`, failed: false };
}

export function failed(about: About, error: unknown): Row {
  return { ...about, value: null, detail: `failed: ${errorText(error)}`, failed: true };
}
