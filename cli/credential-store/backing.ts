import type { StoreKind } from '../system/settings-file.js';
import type { SavedSignIns } from './saved-sign-in.js';

/** Where saved sign-ins are kept as a whole. All methods throw CodedError credential_store. */
export interface Backing {
  readonly kind: StoreKind;
  /** For people. */
  readonly place: string;
  /** Whether other processes of this person see the same sign-ins. */
  readonly shared: boolean;
  /** Makes sure that `save` will work: what is missing is made, what is broken throws. */
  prepare(): Promise<void>;
  load(): Promise<SavedSignIns>;
  /** Call within `exclusive`. */
  save(signIns: SavedSignIns): Promise<void>;
  /** Keeps what it takes to go on with the sign-in of this name after its process was killed, sealed like the rest. */
  keepPending(name: string, pending: unknown): Promise<void>;
  /** Undefined where there is none, or none that opens. */
  pending(name: string): Promise<unknown>;
  dropPending(name: string): Promise<void>;
  /** Runs while no other holder of `name` runs, in this process or another. `deadline` in ms. */
  exclusive<T>(name: string, deadline: number, task: () => Promise<T>): Promise<T>;
  /** Changes whenever something was saved, by whatever process. */
  stamp(): Promise<string>;
  /** Deletes everything, keys too; works where nothing can be opened any more. */
  destroy(): Promise<void>;
}
