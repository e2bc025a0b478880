import { Inject, Injectable } from '@nestjs/common';
import type { AuditCheckpoint, AuditConsistency } from '#shared/api/audit-proofs.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { consistencyRanges, inclusionRanges, rootOfInclusion } from '#shared/audit-log/merkle-proof.js';
import { leafHash } from '#shared/audit-log/merkle-tree.js';
import type { Receipt } from '#shared/audit-log/receipt.js';
import { parseHeader, type RecordHeader } from '#shared/audit-log/record-header.js';
import { formatTlogProof } from '#shared/audit-log/tlog-proof.js';
import { CodedError } from '#shared/errors.js';
import { StorageService } from '../../storage/storage.service.js';
import { RecordLog } from '../record-log.js';
import { tampered } from '../restore-log.js';
import { loadPayloads } from '../search/load-payloads.js';
import { SubjectKeys } from '../subject-keys.js';
import { disclosed } from './disclosed.js';
import { findRecords, type LoggedRecord } from './find-records.js';
import { readEdge, readRoots } from './read-roots.js';

/** What lets others check the log without trusting us: its checkpoint, and proofs that lead to it. */
@Injectable()
export class LogProofs {
  readonly #keys: SubjectKeys;

  constructor(
    @Inject(RecordLog) private readonly records: RecordLog,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {
    this.#keys = new SubjectKeys(storage);
  }

  /** The newest that this control plane knows: it covers all that it has written, and what it saw of others. */
  checkpoint(): AuditCheckpoint {
    const { size, checkpoint, signer } = this.records;
    return { size, checkpoint, verifierKey: signer.verifierKey };
  }

  /**
   * Proofs of a call's intent and its outcome, or of one other record, by the id of either. Undefined where there is
   * none. Throws `audit_unavailable` where the stored log no longer leads to its checkpoint.
   */
  async receipt(id: string, view: { readonly payloads: boolean }): Promise<Receipt | undefined> {
    const { size, checkpoint, verifierKey } = this.checkpoint();
    const found = (await findRecords(this.storage.db, id)).filter(({ idx }) => idx < size);
    if (found.length === 0) return undefined;
    const headers = found.map(({ idx, header }) => parsed(idx, header));
    const payloads = await loadPayloads(this.storage.db, this.#keys, headers, view.payloads);
    const records: Receipt['records'] = [];
    for (const [at, record] of found.entries()) {
      const { header, idx: index } = record;
      const hashes = await this.#prove(record, checkpoint);
      const personal = disclosed(payloads.get(headers[at]!.id));
      records.push({ header, proof: formatTlogProof({ index, hashes, checkpoint }), personal });
    }
    return { format: 'mcp-sso-receipt@v1', verifierKey, records };
  }

  /** Throws `params_invalid` for sizes that the log has not had. */
  async consistency(from: number, asked: number | undefined): Promise<AuditConsistency> {
    const { size, checkpoint, verifierKey } = this.checkpoint();
    const to = asked ?? size;
    if (from > to || to > size) {
      throw new CodedError('params_invalid', {
        message: `The log has ${size} records: ask for from ≤ to ≤ ${size}.`,
      });
    }
    const proof = await readRoots(this.storage.db, consistencyRanges(from, to));
    const edge = await readEdge(this.storage.db, from);
    return { from, to, proof: proof.map(base64), edge: edge.map(base64), checkpoint, verifierKey };
  }

  async #prove({ idx: index, header }: LoggedRecord, checkpoint: string): Promise<Buffer[]> {
    const signed = openCheckpoint(checkpoint, this.records.signer.verifierKey)!;
    const proof = await readRoots(this.storage.db, inclusionRanges(index, signed.size));
    const root = rootOfInclusion({ leaf: leafHash(header), index, size: signed.size, proof });
    if (!root?.equals(signed.root)) throw tampered(`record ${index} does not lead to what was signed`);
    return proof;
  }
}

function parsed(index: number, text: string): RecordHeader {
  const header = parseHeader(text);
  if (!header) throw tampered(`record ${index} is not canonical`);
  return header;
}

function base64(hash: Buffer): string {
  return hash.toString('base64');
}
