/** What came of one place where the hook stands: a file, or a value of the registry. */
export interface HookChange {
  readonly place: string;
  readonly change: 'none' | 'added' | 'corrected' | 'removed';
  /** Why it was left as it is. */
  readonly refused?: string;
}

export interface HookOptions {
  /** Take it out instead. */
  readonly remove: boolean;
  readonly dryRun: boolean;
}
