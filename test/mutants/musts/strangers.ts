/** What anybody who reaches the client port can fill or hold, and what keeps it bounded. */
import type { MustSection } from '../must.ts';

export const strangers: MustSection = {
  title: 'What a stranger can fill (§8 and §13 of the design)',
  musts: [
    {
      must: 'The number of sessions of one owner is bounded by a replicated setting.',
      file: 'machines/rules/sessions.ts',
      find: "if (owner !== '' && ofOwner >= sessionsPerOwnerMax) return 'sessionsPerOwnerMax';",
      replace: '',
      test: 'test/host/session-table.test.ts',
    },
    {
      must: 'Sessions without a command make room for new ones; those with one never do.',
      file: 'src/host/session-shares.ts',
      find: 'if (isUsed(session)) return;',
      replace: '',
      test: 'test/host/session-table.test.ts',
    },
    {
      must: 'Settings of an earlier version mean what they meant to it: nobody makes room.',
      file: 'machines/rules/sessions.ts',
      find: 'return unusedExpiryMs !== undefined;',
      replace: 'return unusedExpiryMs !== 0;',
      test: 'test/host/session-upgrade.test.ts',
      name: 'from whichever snapshot',
    },
    {
      must: 'A leader adds the settings that its log lacks.',
      file: 'machines/rules/leadership.ts',
      find: 'if (complete !== settings) {',
      replace: 'if (complete === null) {',
      test: 'test/host/session-upgrade.test.ts',
    },
    {
      must: '… and to no log that has them.',
      file: 'machines/rules/leadership.ts',
      find: 'if (complete !== settings) {',
      replace: 'if (complete !== null) {',
      test: 'test/host/session-upgrade.test.ts',
    },
    {
      must: 'A snapshot keeps whose a session is.',
      file: 'src/host/session-table.ts',
      find: "owner: session.owner ?? ''",
      replace: "owner: ''",
      test: 'test/host/session-table.test.ts',
    },
    {
      must: 'Only who has applied everything may say that there is no such session.',
      file: 'src/host/host.ts',
      find: "=== undefined ? 'linearizable' : 'stale';",
      replace: "=== undefined ? 'stale' : 'stale';",
      test: 'test/host/session-owners.test.ts',
    },
    {
      must: 'Sessions that never had a command expire sooner.',
      file: 'machines/rules/sessions.ts',
      find: 'return isUsed(session) ? sessionExpiryMs : Math.min(unusedExpiryMs, sessionExpiryMs);',
      replace: 'return sessionExpiryMs;',
      test: 'test/rules/sessions.test.ts',
    },
    {
      must: 'Large entries do not fill the log: what trails a snapshot is bounded in bytes.',
      file: 'machines/rules/snapshots.ts',
      find: 'Math.max(tail, snapshot.index - trailingEntries)',
      replace: 'Math.max(0, snapshot.index - trailingEntries)',
      test: 'test/rules/snapshots.test.ts',
    },
    {
      must: 'A log at rest is cut.',
      file: 'src/host/log-at-rest.ts',
      find: 'if (lastApplied === index) this.#options.wantSnapshot();',
      replace: 'if (lastApplied === index) return;',
      test: 'test/host/snapshot-on-demand.test.ts',
    },
    {
      must: 'No write holds more than is good: large ones are not merged.',
      file: 'src/host/group-commit.ts',
      find: 'return bytes > bytesMax;',
      replace: 'return bytes < 0;',
      test: 'test/host/group-commit.test.ts',
    },
    {
      must: 'Entries that were cut are not held by what the machine was started with.',
      file: 'src/host/engine.ts',
      find: '    given.log = Log.from(stored.base);\n',
      replace: '',
      test: 'test/host/snapshot-on-demand.test.ts',
    },
  ],
};
