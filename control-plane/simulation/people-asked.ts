import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import type { CallContext } from '../policy/call-context.js';
import { StorageService } from '../storage/storage.service.js';

/** Somebody as a call of theirs would show them. */
export interface AskedPerson {
  readonly person: { readonly id: string; readonly groups: readonly string[] };
  readonly context: CallContext;
  /** What had to be assumed. */
  readonly notes: readonly string[];
}

const CLIENT = 'mcp-bridge';
const NOWHERE = '127.0.0.1';

/** The people about whom somebody asks. */
@Injectable()
export class PeopleAsked {
  constructor(
    @Inject(SessionDirectory) private readonly directory: SessionDirectory,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

  /**
   * By id, `provider/subject`, e-mail address or name; with the groups and the newest sign-in of now. Throws `not_found`, and
   * `params_invalid` where several are meant.
   */
  async find(word: string, now: number): Promise<AskedPerson> {
    const ids = [...new Set([...(await this.directory.meaning(word)), ...(await this.#subject(word))])];
    const [found, ...others] = await this.directory.people({ people: ids, limit: 10 });
    if (found === undefined) {
      throw new CodedError('not_found', { message: 'There is no such person. List people: mcp-sso admin users.' });
    }
    if (others.length > 0) {
      const named = [found, ...others].map(({ id, email }) => `${email ?? 'no address'} (${id})`).join(', ');
      throw new CodedError('params_invalid', { message: `Several people are meant: ${named}. Name one by the id.` });
    }
    const [session] = await this.directory.sessions({ people: [found.id], limit: 1 });
    const notes = session === undefined ? [NO_SESSION] : [];
    const context: CallContext = {
      now,
      address: session?.address ?? NOWHERE,
      acr: null,
      amr: [],
      signedInAt: session?.authTime ?? 0,
      sessionKind: session?.kind ?? 'person',
      client: session?.clientId ?? CLIENT,
      claimedClient: null,
      device: session?.deviceName ?? null,
      managedDevice: false,
      agents: session?.actors ?? [],
    };
    return { person: { id: found.id, groups: found.groups }, context, notes: [...notes, ASSUMED] };
  }

  async #subject(word: string): Promise<string[]> {
    const slash = word.indexOf('/');
    if (slash < 1) return [];
    const rows = await this.storage.db
      .selectFrom('persons')
      .select('id')
      .where('provider', '=', word.slice(0, slash))
      .where('subject', '=', word.slice(slash + 1).replaceAll('\0', '\ufffd'))
      .execute();
    return rows.map(({ id }) => id);
  }
}

const NO_SESSION = 'The person is not signed in, so no groups are known of them.';
const ASSUMED = 'The sign-in was taken to have no acr, and the device not to be managed.';
