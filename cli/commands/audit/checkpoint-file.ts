import { z } from 'zod';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { CodedError } from '#shared/errors.js';
import { readText } from './read-text.js';

/** A line of the file that `audit.checkpoints` writes. */
const publishedSchema = z.looseObject({ checkpoint: z.string() });

/**
 * The checkpoints in a file: one signed note, or one JSON document a line, each with a `checkpoint`, as the control plane
 * publishes them. Smallest first. Throws `usage` for any other file, and where the key has not signed one of them.
 */
export async function readCheckpoints(file: string, verifierKey: string): Promise<[Checkpoint, ...Checkpoint[]]> {
  const text = await readText(file);
  const notes = text.startsWith('{') ? text.split('\n').filter(Boolean).map(noteIn) : [text];
  const checkpoints = notes.map((note, index) => {
    const checkpoint = note === undefined ? undefined : openCheckpoint(note, verifierKey);
    if (checkpoint) return checkpoint;
    const at = notes.length === 1 ? file : `Line ${index + 1} of ${file}`;
    throw new CodedError('usage', {
      message: `${at} is no checkpoint that the log’s key has signed. Compare the key with the one your administrator published.`,
    });
  });
  const [first, ...rest] = checkpoints.toSorted((a, b) => a.size - b.size);
  if (first) return [first, ...rest];
  throw new CodedError('usage', { message: `${file} holds no checkpoint.` });
}

function noteIn(line: string): string | undefined {
  try {
    return publishedSchema.parse(JSON.parse(line)).checkpoint;
  } catch {
    return undefined;
  }
}
