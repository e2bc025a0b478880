import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { v7 } from 'uuid';
import { formatCheckpoint } from '#shared/audit-log/checkpoint.js';
import { commitmentTo } from '#shared/audit-log/commitment.js';
import { consistencyRanges, inclusionRanges } from '#shared/audit-log/merkle-proof.js';
import { CompactRange, leafHash, subtreesOf, type LeafRange } from '#shared/audit-log/merkle-tree.js';
import type { Disclosure } from '#shared/audit-log/receipt.js';
import { formatHeader } from '#shared/audit-log/record-header.js';
import { formatVerifierKey, keyId } from '#shared/audit-log/signed-note.js';
import { formatTlogProof } from '#shared/audit-log/tlog-proof.js';

const PAGE = 3;
const ORIGIN = 'acme/audit';

/** A control plane's log in memory, which adds a record at every read, as reading is audited. */
export class Log {
  readonly headers: string[] = [];
  readonly payloads: Disclosure[] = [];
  readonly verifierKey: string;
  readonly #key: KeyObject;
  readonly #publicKey: Buffer;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    this.#publicKey = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    this.verifierKey = formatVerifierKey(ORIGIN, this.#publicKey);
  }

  static of(count: number): Log {
    const log = new Log();
    for (let index = 0; index < count; index++) log.add('tool.call');
    return log;
  }

  /** Any separator of lines but a line feed may be in a record. */
  add(type: string, about: { readonly ref?: string; readonly phase?: 'intent' | 'outcome' } = {}): string {
    const id = v7();
    const ts = Date.parse('2026-11-23T08:00:00Z') + this.headers.length;
    const salt = randomBytes(32);
    const personal = canonicalize({ email: 'zoë@acme.example', reason: 'a\u2028b\nc', agent: ['🦊'] })!;
    const facts = { target: 'x\u2028y', count: 3 };
    const payload = commitmentTo(salt, personal);
    this.headers.push(formatHeader({ v: 1, id, ts, type, phase: 'event', facts, payload, ...about }));
    this.payloads.push({ state: 'shown', salt: salt.toString('base64'), personal });
    return id;
  }

  readonly read = (path: string): Promise<unknown> => {
    this.add('audit.read');
    const { pathname, searchParams } = new URL(path, 'https://mcp.acme.example');
    const from = Number(searchParams.get('from'));
    if (pathname.endsWith('/consistency')) return Promise.resolve(this.#consistency(from));
    if (pathname.endsWith('/receipt')) return Promise.resolve(this.receipt(pathname.split('/').at(-2)!));
    const headers = this.headers.slice(from, from + PAGE);
    const leaves = headers.map((header) => leafHash(header).toString('base64'));
    const isShown = searchParams.get('payloads') === 'shown';
    const payloads = this.payloads
      .slice(from, from + PAGE)
      .map((payload): Disclosure => (isShown || payload.state !== 'shown' ? payload : { state: 'withheld' }));
    return Promise.resolve({
      from,
      headers,
      leaves,
      payloads,
      checkpoint: this.checkpoint(),
      verifierKey: this.verifierKey,
    });
  };

  checkpoint(): string {
    const { length: size } = this.headers;
    const text = formatCheckpoint({ origin: ORIGIN, size, root: this.#rootOf({ start: 0, end: size }) });
    const blob = Buffer.concat([keyId(ORIGIN, this.#publicKey), sign(null, Buffer.from(text), this.#key)]);
    return `${text}\n— ${ORIGIN} ${blob.toString('base64')}\n`;
  }

  /** Of a call by its id, and its outcome. */
  receipt(id: string): object {
    const records = this.headers.flatMap((header, index) => {
      const { id: own, ref } = JSON.parse(header) as { id: string; ref?: string };
      if (own !== id && ref !== id) return [];
      const hashes = inclusionRanges(index, this.headers.length).map((range) => this.#rootOf(range));
      const proof = formatTlogProof({ index, hashes, checkpoint: this.checkpoint() });
      return [{ header, proof, personal: this.payloads[index] }];
    });
    return { format: 'mcp-sso-receipt@v1', verifierKey: this.verifierKey, records };
  }

  #consistency(from: number): object {
    const to = this.headers.length;
    const base64 = (range: LeafRange): string => this.#rootOf(range).toString('base64');
    const edge = subtreesOf({ start: 0, end: from }).map(({ level, index }) =>
      base64({ start: index * 2 ** level, end: (index + 1) * 2 ** level }),
    );
    const proof = consistencyRanges(from, to).map(base64);
    return { from, to, proof, edge, checkpoint: this.checkpoint(), verifierKey: this.verifierKey };
  }

  #rootOf({ start, end }: LeafRange): Buffer {
    const range = new CompactRange();
    for (const header of this.headers.slice(start, end)) range.append(leafHash(header));
    return range.root();
  }
}
