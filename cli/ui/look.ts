/** How views are drawn in one terminal. */
export interface Look {
  readonly columns: number;
  readonly color: boolean;
  /** Letters and symbols beyond ASCII can be shown. */
  readonly unicode: boolean;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const COLUMNS = 80;

/** The look of views on this output; undefined where plain text has to do: no terminal, or one that can't be drawn on. */
export function lookOf(output: Output, env: Environment, platform: NodeJS.Platform): Look | undefined {
  if (!output.isTTY || env['TERM'] === 'dumb') return undefined;
  return {
    columns: Math.max(output.columns || COLUMNS, 20),
    // https://no-color.org: set and not empty.
    color: !env['NO_COLOR'],
    unicode: showsUnicode(env, platform),
  };
}

/** The first of these that is set decides (POSIX locale). Programs on a Mac often start with none, and Windows has none. */
function showsUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return Boolean(env['WT_SESSION'] || env['TERM_PROGRAM']);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale ? /utf-?8/i.test(locale) : platform === 'darwin';
}
