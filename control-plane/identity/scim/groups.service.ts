import { Inject, Injectable } from '@nestjs/common';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { changeGroup, unknownGroup, type GroupChange } from './group-change.js';
import { groupOf, membersOf, readGroup, type ScimGroup } from './group-rows.js';
import type { Found, Page } from './protocol/page.js';
import { memberIds, patchedGroup, type GroupState } from './protocol/patched-group.js';
import { patchOperations } from './protocol/patch-operations.js';
import { resourceDocument } from './protocol/resource-document.js';
import { matchesAll, type Comparison } from './protocol/resource-filter.js';
import type { ScimClient } from './scim-client.js';
import { ScimRecords } from './scim-records.js';

/** A group with the ids of its members, where they were asked for. */
export interface GroupWithMembers {
  readonly group: ScimGroup;
  readonly members: ReadonlySet<string> | undefined;
}

/** Groups as a provider's SCIM client says; whoever leaves one has lost it by the next call, on every replica. */
@Injectable()
export class ScimGroupsService {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(ScimRecords) private readonly records: ScimRecords,
  ) {}

  /** Oldest first. */
  async find(
    { provider }: ScimClient,
    filter: readonly Comparison[],
    { startIndex, count }: Page,
    withMembers: boolean,
  ): Promise<Found<GroupWithMembers>> {
    const rows = await this.storage.db
      .selectFrom('scim_groups')
      .selectAll()
      .where('provider', '=', provider)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    const asksMembers = filter.some(({ path }) => path !== 'id' && path.attribute.name === 'members');
    const all = await Promise.all(rows.map(async (row) => this.#withMembers(groupOf(row), asksMembers)));
    const found = all.filter(({ group, members }) => matchesAll(filter, group.id, documentOf(group, members)));
    const page = found.slice(startIndex - 1, startIndex - 1 + count);
    const resources = await Promise.all(page.map(({ group }) => this.#withMembers(group, withMembers)));
    return { total: found.length, resources };
  }

  /** Throws a ScimError 404, as for a group of another provider. */
  async read({ provider }: ScimClient, id: string, withMembers: boolean): Promise<GroupWithMembers> {
    const group = await readGroup(this.storage.db, provider, id);
    if (!group) throw unknownGroup();
    return this.#withMembers(group, withMembers);
  }

  /** RFC 7644 §3.3. Throws a ScimError. */
  async create(client: ScimClient, body: unknown): Promise<GroupWithMembers> {
    const wanted = wantedGroup(body);
    return this.#change(client, undefined, () => wanted, 'create');
  }

  /** RFC 7644 §3.5.1; a body without members leaves none. Throws a ScimError. */
  async replace(client: ScimClient, id: string, body: unknown): Promise<GroupWithMembers> {
    const wanted = wantedGroup(body);
    return this.#change(client, id, () => wanted, 'replace');
  }

  /** RFC 7644 §3.5.2. Throws a ScimError. */
  async patch(client: ScimClient, id: string, body: unknown): Promise<void> {
    const operations = patchOperations('Group', body);
    await this.#change(client, id, (group) => group && patchedGroup(group, operations), 'patch');
  }

  /** RFC 7644 §3.6. Throws a ScimError 404. */
  async remove(client: ScimClient, id: string): Promise<void> {
    await this.#change(client, id, () => undefined, 'delete');
  }

  async #change(
    client: ScimClient,
    id: string | undefined,
    wish: Parameters<typeof changeGroup>[3],
    action: string,
  ): Promise<GroupWithMembers> {
    const change = await this.notifications.publishAll((transaction) => changeGroup(transaction, client, id, wish));
    await this.#record(client, change, action);
    return change;
  }

  async #record(client: ScimClient, { group, added, removed }: GroupChange, action: string): Promise<void> {
    const name = `${group.provider}/${group.displayName}`;
    const detail = `${added} members more, ${removed} less`;
    await this.records.write(client, { type: 'scim.group', action, id: group.id, name, detail });
  }

  async #withMembers(group: ScimGroup, wanted: boolean): Promise<GroupWithMembers> {
    return { group, members: wanted ? await membersOf(this.storage.db, group.id) : undefined };
  }
}

function wantedGroup(body: unknown): GroupState {
  const { displayName, externalId, members } = resourceDocument('Group', body);
  return {
    displayName: typeof displayName === 'string' ? displayName : '',
    externalId: typeof externalId === 'string' ? externalId : null,
    members: memberIds(members),
  };
}

function documentOf({ displayName, externalId }: ScimGroup, members: ReadonlySet<string> | undefined) {
  return {
    displayName,
    ...(externalId === null ? {} : { externalId }),
    members: [...(members ?? [])].map((value) => ({ value })),
  };
}
