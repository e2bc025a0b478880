const NAMES = ['PATH', 'NODE_COMPILE_CACHE'];

/** What the processes of a stack take over from this one: where programs are, and where Node keeps what it compiled. */
export function inherited(): Record<string, string> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
