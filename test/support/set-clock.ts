import { writeFileSync } from 'node:fs';

/** The clock of programs under test, which a file sets while they run; intervals are as long as ever. Needs `faketime`. */
export class SettableClock {
  /** `file`: where nothing is yet, in a folder that the program can read. */
  constructor(private readonly file: string) {
    this.set('+0');
  }

  /** A command that runs a program with this clock. */
  get inside(): readonly string[] {
    return [
      'env',
      'LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1',
      `FAKETIME_TIMESTAMP_FILE=${this.file}`,
      'FAKETIME_CACHE_DURATION=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
    ];
  }

  /** From a second later at most on. `by`: as `-1h`, and `+0` for the right time. */
  set(by: string): void {
    writeFileSync(this.file, by);
  }
}
