import { putObject, type ObjectStorage } from '../../delivery/put-object.js';
import type { Place } from '../place.js';

const DIGITS = 16;

/** Puts each checkpoint into an object of its own, the signed note as it is; to put it again changes nothing. */
export function objectStoragePlace(name: string, storage: ObjectStorage): Place {
  return {
    name,
    async publish({ size, note }, signal) {
      const object = `${String(size).padStart(DIGITS, '0')}.txt`;
      await putObject(storage, { name: object, contentType: 'text/plain; charset=utf-8', body: note }, signal);
    },
  };
}
