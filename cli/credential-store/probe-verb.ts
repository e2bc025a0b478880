/** The verb by which the CLI starts itself to find out whether the keychain answers; not for people. */
export const PROBE_VERB = 'probe-keychain';
