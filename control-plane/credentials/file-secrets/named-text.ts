/** A value of a credential file, and what the file calls it: empty where it has no name. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}
