import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { findUsers } from './find-users.js';
import type { Found, Page } from './protocol/page.js';
import { patchedUser } from './protocol/patched-user.js';
import { patchOperations } from './protocol/patch-operations.js';
import type { Comparison } from './protocol/resource-filter.js';
import { resourceDocument, type ResourceDocument } from './protocol/resource-document.js';
import { ScimError } from './protocol/scim-error.js';
import { saysInactive } from './protocol/stated-status.js';
import type { ScimClient } from './scim-client.js';
import { ScimRecords } from './scim-records.js';
import { changeUser, unknownUser, type UserChange, type WantedUser } from './user-change.js';
import { readUser, userNameOf, type ScimUser } from './user-rows.js';

/** Users as a provider's SCIM client says, and what follows: whoever is not active is out before the answer. */
@Injectable()
export class ScimUsersService {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(ScimRecords) private readonly records: ScimRecords,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  async find({ provider }: ScimClient, filter: readonly Comparison[], page: Page): Promise<Found<ScimUser>> {
    return findUsers(this.storage, provider, filter, page);
  }

  /** Throws a ScimError 404, as for a user of another provider. */
  async read({ provider }: ScimClient, id: string): Promise<ScimUser> {
    const user = await readUser(this.storage.db, this.storage, provider, id);
    if (!user) throw unknownUser();
    return user;
  }

  /** RFC 7644 §3.3. Throws a ScimError. */
  async create(client: ScimClient, body: unknown): Promise<ScimUser> {
    const wanted = wantedUser(resourceDocument('User', body));
    return this.#change(client, undefined, () => wanted, 'create');
  }

  /** RFC 7644 §3.5.1; a body without `active` or `externalId` leaves that as it is. Throws a ScimError. */
  async replace(client: ScimClient, id: string, body: unknown): Promise<ScimUser> {
    return this.#outAtLeast(client, id, body, async () => {
      const wanted = wantedUser(resourceDocument('User', body));
      return this.#change(client, id, (user) => replacement(user, wanted), 'replace');
    });
  }

  /** RFC 7644 §3.5.2. Throws a ScimError. */
  async patch(client: ScimClient, id: string, body: unknown): Promise<ScimUser> {
    return this.#outAtLeast(client, id, body, async () => {
      const operations = patchOperations('User', body);
      const speaksOfActive = operations.some(({ path }) => path.attribute.name === 'active');
      return this.#change(client, id, (user) => patchedWish(user, operations, speaksOfActive), 'patch');
    });
  }

  /** RFC 7644 §3.6. Throws a ScimError 404. */
  async remove(client: ScimClient, id: string): Promise<void> {
    await this.#change(client, id, () => undefined, 'delete');
  }

  async #change(
    client: ScimClient,
    id: string | undefined,
    wish: Parameters<typeof changeUser>[4],
    action: string,
  ): Promise<ScimUser> {
    const change = await this.notifications.publishAll((transaction) =>
      changeUser(transaction, this.storage, client, id, wish),
    );
    await this.revocations.endPeople(change.out, { path: 'scim', heardAt: client.heardAt });
    await this.#record(client, change, action);
    return change.user;
  }

  async #record(client: ScimClient, { user, person, out }: UserChange, action: string): Promise<void> {
    const { id, document, active } = user;
    const detail = `${active ? 'active' : 'not active'}${out.length > 1 ? `, ${out.length} people` : ''}`;
    const affected = person ?? out[0];
    await this.records.write(client, {
      type: 'scim.user',
      action,
      id,
      person: affected,
      name: userNameOf(document),
      detail,
    });
  }

  /** A leaver does not stay because of a fault elsewhere in the request, which is still refused. */
  async #outAtLeast(client: ScimClient, id: string, body: unknown, work: () => Promise<ScimUser>): Promise<ScimUser> {
    try {
      return await work();
    } catch (error) {
      const refused = error instanceof ScimError && error.status !== 404;
      if (refused && saysInactive(body)) await this.#putOut(client, id);
      throw error;
    }
  }

  async #putOut(client: ScimClient, id: string): Promise<void> {
    try {
      await this.#change(client, id, deactivated, 'deactivate, of a request that was refused');
    } catch (error) {
      this.logger.error('scim user not put out', { user: shown(id), error: shown(errorText(error)) });
    }
  }
}

function deactivated(user: ScimUser | undefined): WantedUser {
  return { document: user?.document ?? {}, active: false };
}

function wantedUser(document: ResourceDocument): WantedUser {
  const { active } = document;
  return { document, active: typeof active === 'boolean' ? active : undefined };
}

/** Which person the user is must not be lost by what a request leaves out. */
function replacement(user: ScimUser | undefined, { document, active }: WantedUser): WantedUser {
  const { externalId } = user?.document ?? {};
  return { document: { ...(externalId === undefined ? {} : { externalId }), ...document }, active };
}

/** An `active` that is taken away is not true. */
function patchedWish(
  user: ScimUser | undefined,
  operations: Parameters<typeof patchedUser>[1],
  speaksOfActive: boolean,
): WantedUser {
  const document = patchedUser({ ...user?.document, active: user?.active ?? false }, operations);
  return { document, active: speaksOfActive ? document['active'] === true : undefined };
}
