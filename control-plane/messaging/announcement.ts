import type { AnnouncementKind } from '../config/notification-settings.js';

/** Somebody by the id that the audit knows, and as lists show them. */
export interface Mentioned {
  readonly id: string;
  /** Name or e-mail address; null where nothing better than the id is known. */
  readonly shown: string | null;
}

/**
 * Something that people outside are told of. It leaves the company's control plane: never an argument of a call, never a
 * secret, and of a person nothing but what is here.
 */
export interface Announcement {
  readonly kind: AnnouncementKind;
  /** Epoch milliseconds. */
  readonly at: number;
  /** One whole sentence, for people: what happened, and to whom. */
  readonly sentence: string;
  /** Whom it is about. */
  readonly person?: Mentioned;
  /** Who did it or decided it, where that is somebody else. */
  readonly by?: Mentioned;
  readonly server?: string;
  readonly tool?: string;
  /** Where to look or act: a path below `publicUrl`, such as `/approvals`. */
  readonly path?: string;
  /** Id of what it is about: `apr_…`, `gra_…`, `grq_…`. */
  readonly subject?: string;
  /** Id of the audit record that says more. */
  readonly record?: string;
}
