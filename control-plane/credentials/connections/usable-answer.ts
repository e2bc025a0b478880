import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** Seconds, a year: no access token is meant to live longer. */
const LONGEST = 365 * 86_400;
/** Members that may be left out (RFC 6749 §5.1), and that openid-client refuses a whole answer for. */
const TEXTS = ['refresh_token', 'scope'] as const;

/**
 * The answer of a token endpoint without what would cost the refresh token that was rotated beside it: an ID token, which
 * tells us nothing; a life that is none; an empty or null member. What has to be there is left as it is.
 */
export async function usableAnswer(answer: Response): Promise<Response> {
  if (answer.status !== 200) return answer;
  const text = await answer.text();
  const { status, headers } = answer;
  return new Response(rewritten(text), { status, headers });
}

function rewritten(text: string): string {
  try {
    const found: unknown = JSON.parse(text);
    return isObject(found) ? JSON.stringify(usable(found)) : text;
  } catch {
    return text;
  }
}

function usable({ expires_in: said, ...rest }: JsonObject): JsonObject {
  const life = lifeOf(said);
  const left = Object.entries(rest).filter(([name, value]) => !isUnusable(name, value));
  return { ...Object.fromEntries(left), ...(life === undefined ? {} : { expires_in: life }) };
}

function isUnusable(name: string, value: unknown): boolean {
  if (name === 'id_token') return true;
  return TEXTS.some((known) => known === name) && (typeof value !== 'string' || value === '');
}

/** Whole seconds, from one to a year; undefined for what is no life: then it counts until the server refuses the token. */
function lifeOf(said: unknown): number | undefined {
  const seconds = typeof said === 'string' && said.trim() !== '' ? Number(said) : said;
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined;
  return Math.min(Math.max(Math.floor(seconds), 1), LONGEST);
}
