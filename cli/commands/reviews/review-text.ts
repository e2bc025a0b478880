import type { ListedReview, ReviewDetail } from '#shared/api/reviews.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { alignColumns } from '../table.js';

const HEADER = ['TOOL', 'STATE', 'SHA-256', 'SEEN', 'SUGGESTED EFFECT'];
const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** A line a definition. */
export function printReviews(reviews: readonly ListedReview[], zone: TimeZone): string {
  const rows = reviews.map(({ server, tool, state, sha256, lastSeenAt, suggestedEffect }) => [
    printable(`${server}/${tool}`),
    state,
    sha256.slice(0, 12),
    clockText(Date.parse(lastSeenAt), zone),
    suggestedEffect,
  ]);
  return `${alignColumns([HEADER, ...rows]).join('\n')}\n`;
}

/** Policies in force that no longer fit a tool, a line each. */
export function printProblems(problems: readonly string[]): string {
  const lines = problems.map((problem) => `  ${printable(problem)}`);
  return `\nPolicies that no longer fit a tool, which is denied until they do:\n${lines.join('\n')}\n`;
}

/** All that is new in a definition; nothing of it can steer a terminal or hide. */
export function printReview({ review, comparedWith, changes, more, hidden }: ReviewDetail, zone: TimeZone): string {
  const { server, tool, sha256, state, decidedBy, suggestedEffect } = review;
  const name = printable(`${server}/${tool}`);
  const lines = [
    `${name}: ${state}${decidedBy === null ? '' : ` (by ${printable(decidedBy)})`}; the tool ${review.reviewed ? 'may be used' : 'is held back'}`,
    `definition ${sha256}, first seen ${clockText(Date.parse(review.firstSeenAt), zone)}`,
    comparedWith === null
      ? 'Nothing of this tool was accepted before.'
      : `Against the accepted one, ${comparedWith.slice(0, 12)}:`,
    '',
    ...changes.map(({ at, kind, text }) => `${SIGNS[kind]} ${printable(at)}: ${indented(text)}`),
    ...(changes.length === 0 ? ['No difference.'] : []),
    ...(more === 0 ? [] : [`${more} more changes are too long to show, so it can only be rejected.`]),
    ...(hidden.length === 0 ? [] : ['', `Warning: it holds characters that people don't see: ${hidden.join(', ')}.`]),
    '',
    `By its own annotations the effect would be ${suggestedEffect}; an admin sets it:`,
    `  servers: { ${server}: { tools: { ${JSON.stringify(printable(tool))}: { effect: ${suggestedEffect} } } } }`,
  ];
  return `${lines.join('\n')}\n`;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line))
    .join('\n    ');
}
