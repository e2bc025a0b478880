import type { Announcement, Mentioned } from './announcement.js';

const MAX_SENTENCE = 1000;
const MAX_NAME = 320;

/** What channels send, and what is kept until they have. */
export interface Message {
  readonly type: Announcement['kind'];
  /** ISO 8601, UTC: when it happened. */
  readonly timestamp: string;
  readonly data: {
    readonly sentence: string;
    readonly person?: Mentioned;
    readonly by?: Mentioned;
    readonly server?: string;
    readonly tool?: string;
    /** The whole address. */
    readonly link?: string;
    readonly subject?: string;
    readonly record?: string;
  };
}

/** Each text on one line and of bounded length: names are what somebody chose, here or in the directory. `origin`: of `publicUrl`. */
export function messageOf(announcement: Announcement, origin: string): Message {
  const { kind, at, sentence, person, by, server, tool, path, subject, record } = announcement;
  return {
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: {
      sentence: oneLine(sentence, MAX_SENTENCE),
      ...(person ? { person: mentioned(person) } : {}),
      ...(by ? { by: mentioned(by) } : {}),
      ...(server === undefined ? {} : { server: oneLine(server, MAX_NAME) }),
      ...(tool === undefined ? {} : { tool: oneLine(tool, MAX_NAME) }),
      ...(path === undefined ? {} : { link: new URL(path, origin).href }),
      ...(subject === undefined ? {} : { subject }),
      ...(record === undefined ? {} : { record }),
    },
  };
}

function mentioned({ id, shown }: Mentioned): Mentioned {
  return { id, shown: shown === null ? null : oneLine(shown, MAX_NAME) };
}

/** Nothing that could begin a second line, or turn round what the line seems to say. */
function oneLine(text: string, most: number): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
    .slice(0, most);
}
