/** What the config of an app says of one server that is started as a process. */
export interface ServerEntry {
  readonly type?: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
}

/** Where an entry is in a config: `key` is the object (or table) of servers by name. */
export interface EntrySlot {
  readonly file: string;
  readonly key: string;
  readonly name: string;
}
