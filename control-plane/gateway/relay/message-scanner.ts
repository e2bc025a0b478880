import { endOfText } from './end-of-text.js';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isDelimiter,
  isSpace,
  keyText,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  BACKSLASH,
  textOf,
} from './json-bytes.js';
import { KeptMembers } from './kept-members.js';
import { noFacts } from './scan-facts.js';
import { CACHE_SCOPE, PREFIXED_PATHS, READ_PATHS, WATCHED_KEYS } from './watched-paths.js';

/** Deeper than any member that we edit or read; below it, only depth is counted. */
const TRACKED_DEPTH = 6;
const CAPTURE_LIMIT = 256;

/** At a byte: what stands from it on is replaced, prefixed, held while it may go, or passes again; or it is left out itself. */
type Edit = 'replace' | 'prefix' | 'hold' | 'omit' | 'resume' | undefined;

export interface ScanEdits {
  /** JSON text that replaces the top-level `id`. */
  readonly id?: string | undefined;
  /** JSON text that replaces `result.cacheScope` where the result has one. */
  readonly cacheScope?: string | undefined;
  /** JSON members put first into `result`, without braces or a trailing comma. */
  readonly resultMembers?: string | undefined;
  /** Names of members of `result` that are left out. */
  readonly dropped?: readonly string[] | undefined;
  /** Put before each resource URI of a result. */
  readonly uriPrefix?: string | undefined;
}

interface Frame {
  readonly object: boolean;
  key: string;
  wantsKey: boolean;
}

/**
 * Reads one JSON-RPC message as its bytes pass, edits the few members that must change and learns what the outcome
 * is, holding nothing but the current key. Strings may be cut anywhere by chunk borders. It is no validator:
 * it only refuses what is no JSON object, and tells whether brackets closed.
 */
export class MessageScanner {
  readonly facts = noFacts();
  #frames: Frame[] = [];
  #depth = 0;
  #state: 'start' | 'structure' | 'string' | 'scalar' | 'done' | 'invalid' = 'start';
  #escaped = false;
  #role: 'key' | 'value' = 'value';
  /** Bytes of the key or scalar being read; undefined where nobody asks for them. */
  #captured: number[] | undefined;
  #skipping = false;
  #replacement: string | undefined;
  #awaitsFirstMember = false;
  readonly #kept: KeptMembers | undefined;

  constructor(private readonly edits: ScanEdits) {
    this.#kept = edits.dropped && new KeptMembers(edits.dropped);
  }

  get complete(): boolean {
    return this.#state === 'done';
  }

  get invalid(): boolean {
    return this.#state === 'invalid';
  }

  /** The bytes to pass on, as slices of `chunk` with the edits between them. */
  write(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    let from = this.#skipping || this.#kept?.leavingOut ? -1 : 0;
    const cut = (at: number, insert?: string): void => {
      if (from >= 0 && at > from) out.push(chunk.subarray(from, at));
      if (insert !== undefined) out.push(Buffer.from(insert));
      from = at;
    };
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#state === 'string') {
        at = this.#inString(chunk, at);
        if (this.#state === 'string') continue;
        if (this.#skipping) from = this.#endSkip(at + 1);
        else if (this.#kept?.leavingOut) from = -1;
        else if (this.#kept?.holding) out.push(...this.#kept.release());
        continue;
      }
      if (this.#state === 'scalar') {
        if (!isDelimiter(byte)) {
          this.#capture(byte);
          continue;
        }
        this.#endScalar();
        if (this.#skipping) from = this.#endSkip(at);
      }
      if (isSpace(byte)) continue;
      if (this.#awaitsFirstMember) {
        this.#awaitsFirstMember = false;
        cut(at, `${this.edits.resultMembers}${byte === CLOSE_OBJECT ? '' : ','}`);
      }
      const edit = this.#structure(byte);
      if (this.#state === 'invalid') return [];
      if (edit === 'replace') {
        cut(at, this.#replacement);
        from = -1;
      } else if (edit === 'prefix') {
        cut(at + 1, this.edits.uriPrefix);
      } else if (edit !== undefined) {
        cut(at);
        if (edit === 'omit') from = at + 1;
      }
    }
    if (this.#kept?.holding) {
      this.#kept.hold(chunk.subarray(from));
      // Longer than all keys that are left out.
      if (this.#captured?.length === CAPTURE_LIMIT) out.push(...this.#kept.release());
    } else if (from >= 0) cut(chunk.length);
    return out;
  }

  #endSkip(at: number): number {
    this.#skipping = false;
    return at;
  }

  /** Where the string ends, or the chunk's length. */
  #inString(chunk: Buffer, start: number): number {
    return this.#captured ? this.#capturing(chunk, start) : this.#passing(chunk, start);
  }

  #passing(chunk: Buffer, start: number): number {
    const end = endOfText(chunk, this.#escaped ? start + 1 : start);
    this.#escaped = end > chunk.length;
    if (end < chunk.length) this.#endString();
    return Math.min(end, chunk.length);
  }

  #capturing(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#endString();
        return at;
      }
      this.#capture(byte);
    }
    return chunk.length;
  }

  #structure(byte: number): Edit {
    const frame = this.#depth <= TRACKED_DEPTH ? this.#frames[this.#depth - 1] : undefined;
    if (this.#state === 'done' || (this.#state === 'start' && byte !== OPEN_OBJECT)) {
      this.#state = 'invalid';
      return undefined;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return this.#open(byte === OPEN_OBJECT);
    if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return this.#close();
    if (byte === COMMA) {
      if (frame?.object) frame.wantsKey = true;
      if (this.#losesMembers(frame)) {
        this.#kept?.endMember();
        return 'omit';
      }
    } else if (byte === COLON) {
      if (frame) frame.wantsKey = false;
    } else {
      return this.#startValue(byte, frame);
    }
    return undefined;
  }

  #open(object: boolean): undefined {
    this.#noteMember();
    if (object && this.#depth === 1 && this.#frames[0]!.key === 'result') {
      this.#awaitsFirstMember = this.edits.resultMembers !== undefined;
      this.#kept?.startResult();
    }
    if (object && this.#depth === 2 && this.#path() === 'result.inputRequests') this.facts.inputRequired = true;
    this.#state = 'structure';
    this.#depth += 1;
    if (this.#depth <= TRACKED_DEPTH) {
      this.#frames.push({ object, key: object ? '' : '*', wantsKey: object });
    }
  }

  #close(): Edit {
    if (this.#depth <= TRACKED_DEPTH) this.#frames.pop();
    this.#depth -= 1;
    if (this.#depth === 0) this.#state = 'done';
    if (this.#depth > 1 || !this.#kept?.leavingOut) return undefined;
    this.#kept.endMember();
    return 'resume';
  }

  /** Directly in the result, where members are left out of it. */
  #losesMembers(frame: Frame | undefined): boolean {
    return this.#kept !== undefined && this.#depth === 2 && frame?.object === true && this.#frames[0]!.key === 'result';
  }

  #startValue(byte: number, frame: Frame | undefined): Edit {
    const string = byte === QUOTE;
    this.#role = frame?.object === true && frame.wantsKey ? 'key' : 'value';
    this.#state = string ? 'string' : 'scalar';
    this.#captured = undefined;
    if (this.#role === 'key') {
      this.#captured = [];
      if (!string || !this.#losesMembers(frame)) return undefined;
      this.#kept?.startKey();
      return 'hold';
    }
    this.#noteMember();
    if (frame === undefined || !WATCHED_KEYS.has(frame.key)) return undefined;
    const path = this.#path();
    if (READ_PATHS.has(path)) this.#captured = [byte];
    this.#replacement = this.#kept?.leavingOut ? undefined : this.#replacementOf(path);
    if (this.#replacement !== undefined) {
      this.#skipping = true;
      return 'replace';
    }
    return string && this.edits.uriPrefix !== undefined && PREFIXED_PATHS.has(path) ? 'prefix' : undefined;
  }

  #replacementOf(path: string): string | undefined {
    if (path === 'id') return this.edits.id;
    return path === CACHE_SCOPE ? this.edits.cacheScope : undefined;
  }

  #endString(): void {
    this.#state = 'structure';
    const frame = this.#frames[this.#depth - 1];
    if (this.#role === 'key' && frame) {
      frame.key = keyText(this.#captured ?? []);
      this.#kept?.endKey(frame.key);
    } else if (this.#captured) this.#read(Buffer.from([...this.#captured, QUOTE]).toString());
    this.#captured = undefined;
  }

  #endScalar(): void {
    this.#state = 'structure';
    if (this.#captured) this.#read(Buffer.from(this.#captured).toString());
    this.#captured = undefined;
  }

  #read(text: string): void {
    const path = this.#path();
    if (path === 'id') this.facts.id = text;
    else if (path === 'method') this.facts.methodName = textOf(text);
    else if (path === 'params.level') this.facts.level = textOf(text);
    else if (path === 'result.resultType') this.facts.inputRequired ||= text === '"input_required"';
    else if (path === 'result.isError') this.facts.isError = text === 'true';
    else this.facts.errorCode = Number(text);
  }

  #noteMember(): void {
    if (this.#depth !== 1) return;
    const key = this.#frames[0]!.key;
    if (key === 'method' || key === 'result' || key === 'error') this.facts[key] = true;
  }

  #capture(byte: number): void {
    if (this.#captured && this.#captured.length < CAPTURE_LIMIT) this.#captured.push(byte);
  }

  #path(): string {
    return this.#frames.map(({ key }) => key).join('.');
  }
}
