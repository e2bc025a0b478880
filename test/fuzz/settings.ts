export interface FuzzSettings {
  readonly messages: number;
  readonly seed: number;
  /** One message alone, to see again what a run found. */
  readonly only: number | undefined;
}

const SEED = 20_260_728;

/** From `FUZZ_MESSAGES`, `FUZZ_SEED` and `FUZZ_ONLY`. */
export function fuzzSettings(messages: number): FuzzSettings {
  const { FUZZ_MESSAGES, FUZZ_SEED, FUZZ_ONLY } = process.env;
  return {
    messages: Number(FUZZ_MESSAGES ?? messages),
    seed: Number(FUZZ_SEED ?? SEED),
    only: FUZZ_ONLY === undefined ? undefined : Number(FUZZ_ONLY),
  };
}

/** Which messages are sent. */
export function numbers({ messages, only }: FuzzSettings): number[] {
  return only === undefined ? Array.from({ length: messages }, (_, at) => at + 1) : [only];
}

/** Every message has a seed of its own, so that it comes out the same without those before it. */
export function seedOf({ seed }: FuzzSettings, number: number): number {
  return (seed + number * 0x9e_37_79_b1) % 2 ** 32;
}

/** Milliseconds; far above what it takes. */
export function timeoutFor({ messages }: FuzzSettings): number {
  return 300_000 + messages * 200;
}
