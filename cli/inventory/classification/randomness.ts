/** Runs of what tokens are written in: base64, base64url, hex. Paths are cut at each `/`, words at each `.`. */
const RUN = /[A-Za-z0-9_+=-]{16,}/g;
const SLASHED = /[A-Za-z0-9+/_=-]{32,}/g;

/** Shannon entropy in bits per character from which a run of mixed characters is no word. English text in one case has about 3. */
const ENOUGH = 3.4;

/** Whether a part of a text looks as if it was drawn at random: a key whose form nobody told us. */
export function looksRandom(text: string): boolean {
  if (UUID.test(text)) return true;
  const slashed = (text.match(SLASHED) ?? []).filter((run) => !isPathLike(run));
  return [...(text.match(RUN) ?? []), ...slashed].some(isRandom);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

function isRandom(run: string): boolean {
  const letters = /[A-Za-z]/.test(run);
  const digits = (run.match(/\d/g) ?? []).length;
  if (/^[0-9a-f]+$/i.test(run)) return run.length >= 24 && (digits >= 4 || run.length >= 32);
  const mixed = /[a-z]/.test(run) && /[A-Z]/.test(run);
  if (!letters || (digits < 2 && !(mixed && changes(run) >= 6))) return false;
  return entropy(run) >= ENOUGH && wordiness(run) < 0.6;
}

/** How often upper and lower case alternate: `camelCaseName` twice, a key at every other character. */
function changes(run: string): number {
  return (run.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g) ?? []).length;
}

/** The part of a text that stands in parts of one case of at least four letters, as words and slugs do. */
function wordiness(run: string): number {
  return (run.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g) ?? []).join('').length / run.length;
}

function isPathLike(run: string): boolean {
  return run.split('/').every((part) => part === '' || wordiness(part) >= 0.6);
}

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}
