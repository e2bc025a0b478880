/** Values (REG_SZ) of one key of the registry. */
export interface RegistryKey {
  /** `HKEY_LOCAL_MACHINE\SOFTWARE\…` */
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

/** A file for `reg import`: version 5, which is UTF-16LE with a byte order mark and CRLF. Values are one line each. */
export function registryFile({ key, values }: RegistryKey, comments: readonly string[] = []): Buffer {
  const lines = [
    'Windows Registry Editor Version 5.00',
    '',
    ...comments.map((comment) => `; ${comment}`),
    ...(comments.length > 0 ? [''] : []),
    `[${key}]`,
    ...Object.entries(values).map(([name, value]) => `${quoted(name)}=${quoted(value)}`),
    '',
  ];
  return Buffer.from(`\uFEFF${lines.join('\r\n')}`, 'utf16le');
}

/** As .reg files quote: a backslash before a backslash and before a quote. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
