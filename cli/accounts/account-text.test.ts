import { expect, test } from 'vitest';
import { accountsOfPeople } from './account.js';
import { parseDirectory } from './directory-text.js';
import { lowestUidIn, parsePasswd } from './passwd-text.js';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
sync:x:4:65534:sync:/bin:/bin/sync
web:x:1003:1003::/srv/web:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/bin/sh
bob:x:1002:1002:Bob,,,:/home/bob:
alice:x:1001:100:Alice:/home/alice:/usr/bin/zsh
alias:x:1001:100::/elsewhere:/bin/sh
relative:x:1004:1004::home:/bin/sh
broken line
odd:x:-1:12::/home/odd:/bin/sh
`;

test('the accounts of people on Linux, by id', () => {
  expect(accountsOfPeople(parsePasswd(PASSWD), 1000)).toEqual([
    { name: 'alice', uid: 1001, gid: 100, home: '/home/alice' },
    { name: 'bob', uid: 1002, gid: 1002, home: '/home/bob' },
  ]);
});

test('where ids of people begin', () => {
  expect(lowestUidIn('# UID_MIN 5\nUID_MIN\t\t 2000\nUID_MAX 60000\n')).toBe(2000);
  expect(lowestUidIn('')).toBe(1000);
});

test('the accounts of people on macOS (text as dscl prints it, not run)', () => {
  const text = `NFSHomeDirectory: /var/empty
PrimaryGroupID: 83
RecordName: _amavisd amavisd
UniqueID: 83
UserShell: /usr/bin/false
-
NFSHomeDirectory:
 /Users/alice smith
PrimaryGroupID: 20
RecordName: alice com.apple.idms.appleid.1
UniqueID: 501
UserShell: /bin/zsh
`;
  expect(accountsOfPeople(parseDirectory(text), 501)).toEqual([
    { name: 'alice', uid: 501, gid: 20, home: '/Users/alice smith' },
  ]);
});
