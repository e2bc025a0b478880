import type { Engine } from '../engine.js';
import { openDatabase } from '../open-database.js';
import { StorageService } from '../storage.service.js';
import { TestDatabase } from './test-database.js';

const MASTER_KEY = Buffer.alloc(32, 7);

/** Storage on a real database of its own. */
export class TestStorage implements AsyncDisposable {
  readonly #more: StorageService[] = [];

  constructor(
    readonly database: TestDatabase,
    readonly storage: StorageService,
  ) {}

  /** One more storage on the same database, as another replica or a later start has it. Closed with this one. */
  async another(): Promise<StorageService> {
    const storage = await connect(this.database);
    this.#more.push(storage);
    return storage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.storage, ...this.#more].map((storage) => storage.db.destroy()));
    await this.database[Symbol.asyncDispose]();
  }
}

export async function openTestStorage(engine: Engine): Promise<TestStorage> {
  const database = await TestDatabase.create(engine);
  return new TestStorage(database, await connect(database));
}

async function connect({ location, directory }: TestDatabase): Promise<StorageService> {
  return new StorageService(await openDatabase(location, directory), MASTER_KEY);
}
