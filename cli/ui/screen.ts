import type { Finding } from '../doctor/finding.js';

/** A server as `servers` shows it; texts are printable. */
export interface ServerLine {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly tone: Tone;
  /** Where the person connects their own account of it. */
  readonly connect?: string;
}

/** How good a piece of news is. */
export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

/** One line of facts: what it is about, and what is so. Printable. */
export interface Fact {
  readonly label: string;
  readonly text: string;
  readonly tone?: Tone;
}

/** What the person has to do to sign in. */
export interface SignInTask {
  readonly origin: string;
  readonly url: string;
  /** Where it has to be typed at the address. */
  readonly code?: string;
  readonly opened: boolean;
}

/** One finding of `doctor`, in words; `advice` is what mends it. */
export interface FindingLine {
  readonly title: string;
  readonly state: Finding['state'];
  readonly detail: string;
  readonly advice?: string;
}

/** Something under way: a line that moves, below what is printed meanwhile. */
export interface Progress {
  /** Puts a drawn text above the line for good. */
  print(text: string): void;
  /** Takes the line away and gives the cursor back. */
  stop(): Promise<void>;
}

/** What a person sees in a terminal. Every text ends with a line break and is ready to be written. */
export interface Screen {
  signInTask(task: SignInTask): string;
  signedIn(who: string, origin: string, note?: string): string;
  facts(lines: readonly Fact[]): string;
  servers(found: readonly ServerLine[]): string;
  finding(line: FindingLine): string;
  progress(label: string): Progress;
}
