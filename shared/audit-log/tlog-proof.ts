/** A proof that one record is in a signed tree, as text (c2sp.org/tlog-proof): what a receipt holds for each record. */
export interface TlogProof {
  readonly index: number;
  /** 32 bytes each, the leaf's sibling first (RFC 6962 §2.1.1). */
  readonly hashes: readonly Buffer[];
  /** The signed note over the tree. */
  readonly checkpoint: string;
}

const FORM = 'c2sp.org/tlog-proof@v1';
const INDEX = /^index (0|[1-9]\d{0,15})$/;
const HASH = /^[A-Za-z0-9+/]{43}=$/;

export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  const lines = [FORM, `index ${index}`, ...hashes.map((hash) => hash.toString('base64'))];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Undefined for anything but that form. The `extra` line, which nothing vouches for, is passed over. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const end = text.indexOf('\n\n');
  const [form, ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const [index = '', ...hashes] = lines;
  const match = INDEX.exec(index);
  if (form !== FORM || !match || !hashes.every((hash) => HASH.test(hash))) return undefined;
  return {
    index: Number(match[1]),
    hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: text.slice(end + 2),
  };
}
