import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { openNote } from './signed-note.js';

/** What a signed note says of the tree; undefined for a note without a good signature of the key, or of another form. */
export function openCheckpoint(note: string, verifierKey: string): Checkpoint | undefined {
  const text = openNote(note, verifierKey);
  return text === undefined ? undefined : parseCheckpoint(text);
}
