import { getStaticTOMLValue, ParseError, parseTOML, type AST } from 'toml-eslint-parser';
import { lineAt, unusable } from './unusable.js';

export interface TomlTree {
  /** Keys and tables in the order of the text, with offsets. */
  readonly nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[];
  readonly value: Readonly<Record<string, unknown>>;
}

/** Parses TOML 1.0, what Codex reads. Throws CodedError config_invalid with file and line. */
export function parseToml(text: string, file: string): TomlTree {
  try {
    const program = parseTOML(text, { tomlVersion: '1.0' });
    return { nodes: program.body[0].body, value: getStaticTOMLValue(program) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw unusable(file, `line ${lineAt(text, error.index)} is not valid TOML`);
  }
}
