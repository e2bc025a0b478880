import type { Message } from '../message.js';

const PRODUCT = 'mcp-sso';
const MAX_SUBJECT = 150;

/** Subject and plain text of the mail that tells of a message. Each line of the text is one fact. */
export function mailText({ type, timestamp, data }: Message): { readonly subject: string; readonly text: string } {
  const { sentence, person, by, server, tool, link, subject, record } = data;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Person', person && nameOf(person)],
    ['By', by && nameOf(by)],
    ['Server', server],
    ['Tool', tool],
    ['When', timestamp],
    ['Event', type],
    ['About', subject],
    ['Audit record', record],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  const look = link === undefined ? [] : ['', `Look or decide here, after signing in: ${link}`];
  return {
    subject: `[${PRODUCT}] ${sentence}`.slice(0, MAX_SUBJECT),
    text: [sentence, '', ...lines, ...look, ''].join('\n'),
  };
}

function nameOf({ id, shown }: { readonly id: string; readonly shown: string | null }): string {
  return shown === null ? id : `${shown} (${id})`;
}
