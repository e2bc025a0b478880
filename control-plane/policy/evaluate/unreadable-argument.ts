/** An argument that policies read and that cannot be put before them. Both parts are public. */
export class UnreadableArgument extends Error {
  /** @param argument its name, as the tool's definition spells it: `amount`, `filter.owner` */
  constructor(
    readonly argument: string,
    readonly why: string,
  ) {
    super(`${argument} ${why}`);
  }
}
