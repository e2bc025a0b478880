/** Ends the walk with the reason where the product did not do what the story tells. */
export function expect(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new Error(reason);
}
