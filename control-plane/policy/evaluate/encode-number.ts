import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { numberText } from '#shared/mcp/exact-json.js';
import { UnreadableArgument } from './unreadable-argument.js';

const PLAIN = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
const MOST_DECIMALS = 4;
/** Cedar's decimal is a 64-bit count of ten-thousandths. */
const LARGEST_DECIMAL = 2n ** 63n - 1n;

/**
 * A whole number that every server reads alike: beyond 2^53 doubles lose digits. Judged as it is written: a rounded
 * value is not what a server with exact numbers would see.
 */
export function encodeLong(value: unknown, name: string): CedarValueJson {
  const { sign, whole, fraction } = partsOf(value, name);
  const number = Number(sign + whole);
  if (fraction !== '' || !Number.isSafeInteger(number)) {
    throw new UnreadableArgument(name, 'is not a whole number between -2^53 and 2^53');
  }
  return number === 0 ? 0 : number;
}

/** Cedar's decimal: at most four digits behind the point. */
export function encodeDecimal(value: unknown, name: string): CedarValueJson {
  const { sign, whole, fraction } = partsOf(value, name);
  const count = BigInt(whole + fraction.padEnd(MOST_DECIMALS, '0').slice(0, MOST_DECIMALS));
  if (fraction.length > MOST_DECIMALS || count > LARGEST_DECIMAL) {
    throw new UnreadableArgument(name, `has more than ${MOST_DECIMALS} decimals or is too large to be compared`);
  }
  return { __extn: { fn: 'decimal', arg: `${sign}${whole}.${fraction === '' ? '0' : fraction}` } };
}

function partsOf(value: unknown, name: string): { sign: string; whole: string; fraction: string } {
  const text = numberText(value);
  if (text === undefined) throw new UnreadableArgument(name, 'is not a number');
  const [, sign, whole, fraction = ''] = PLAIN.exec(text) ?? [];
  if (sign === undefined || whole === undefined || text.length > 64) {
    throw new UnreadableArgument(name, 'is a number with an exponent or with too many digits');
  }
  return { sign, whole, fraction: fraction.replace(/0+$/, '') };
}
