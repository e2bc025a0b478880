/** One line of text from outside; control, format and line-break characters could steer a terminal or forge a line. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}
