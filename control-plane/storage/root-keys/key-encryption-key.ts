/** A key that wraps the root key and nothing else. */
export interface KeyEncryptionKey {
  /** What `root_keys.kek` holds: names the key, and gives nothing of it away. */
  readonly id: string;
  /** Where the settings name it, for messages: `masterKey: file:./master.key`. */
  readonly setting: string;
  /** Rejects with SecretUnreadable, also where there is no answer in time. */
  wrap(plain: Buffer): Promise<Buffer>;
  /** Rejects with SecretUnreadable where the key cannot be asked, and with any other error where it does not open these bytes. */
  unwrap(wrapped: Buffer): Promise<Buffer>;
  /** The 32 bytes of a key of our own: until there was a root key, everything was sealed under them. */
  readonly direct?: Buffer;
}

/** The keys of the settings: `current` wraps from now on; `previous` may have wrapped what is stored. */
export interface KeyEncryptionKeys {
  readonly current: KeyEncryptionKey;
  readonly previous?: KeyEncryptionKey;
}
