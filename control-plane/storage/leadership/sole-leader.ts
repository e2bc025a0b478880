import { Leadership } from './leadership.js';

/** For SQLite, where this process is the only control plane. */
export class SoleLeader extends Leadership {
  holds(): boolean {
    return true;
  }
}
