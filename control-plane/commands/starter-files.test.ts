import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { guideTo } from '../config/guide.js';
import { limitsSchema } from '../config/limits.js';
import { STARTER_SETTINGS } from './starter-files.js';

const block = STARTER_SETTINGS.slice(STARTER_SETTINGS.indexOf('# limits:')).replaceAll(/^# ?/gm, '');
const { properties = {} } = z.toJSONSchema(limitsSchema, { io: 'input' });

test('the starter file shows every limit with its default', () => {
  expect(parse(block)).toEqual({ limits: limitsSchema.parse({}) });
});

test.each(Object.keys(properties))('the guide to limits.%s names its least and its most', (key) => {
  const { minimum, maximum } = properties[key] as { minimum: number; maximum: number };
  expect(guideTo(['limits', key])).toMatch(new RegExp(` from ${minimum} to ${maximum}$`));
});
