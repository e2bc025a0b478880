import { z } from 'zod';
import { checkpointSettings } from './checkpoint-settings.js';
import { exportSettings } from './export-settings.js';
import { retentionSettings } from './retention-settings.js';

/** What is kept of a call's arguments, from least to most: each level has what those before it have. */
const ARGUMENT_LEVELS = ['none', 'hash', 'policy', 'redacted', 'full'] as const;

/** What is kept of what it gave. */
const RESULT_LEVELS = ['none', 'hash', 'redacted', 'full'] as const;

const argumentLevel = z.enum(ARGUMENT_LEVELS);
const resultLevel = z.enum(RESULT_LEVELS);
const levels = { arguments: argumentLevel.optional(), results: resultLevel.optional() };

/** The closest word counts: of the tool, of its server, of everyone. */
const captureSettings = z
  .strictObject({
    arguments: argumentLevel.default('policy'),
    results: resultLevel.default('none'),
    /** Of one captured text, arguments or result; more is cut off. */
    maxBytes: z.int().min(1_024).max(1_048_576).default(65_536),
    servers: z
      .record(
        z.string(),
        z.strictObject({ ...levels, tools: z.record(z.string(), z.strictObject(levels)).default({}) }),
      )
      .default({}),
  })
  .prefault({});

/** `audit`: what is on record, and where it goes. */
export const auditSettings = z
  .strictObject({
    capture: captureSettings,
    retention: retentionSettings,
    checkpoints: checkpointSettings,
    export: exportSettings,
  })
  .prefault({});

export type CaptureSettings = z.output<typeof captureSettings>;
