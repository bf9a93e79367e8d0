import { expect, test } from 'vitest';
import { codeOf, filesBelow } from './source-files.ts';

const host = filesBelow('src/host');

test('the host never asks the machine which state it is in: roles are for reports only', () => {
  for (const path of host) {
    const code = codeOf(path);
    expect(code, path).not.toMatch(/\.matches\(|\.hasTag\(|\.can\(|getStateNodes/);
    // A snapshot's value is read by `roleOf`, and by the status for the mode of a replication actor.
    if (path !== 'src/host/status.ts') {
      expect(code, path).not.toMatch(/napshot(\(\))?\.value\b/);
    }
  }
});

test('the role is read where it is reported, and nowhere else', () => {
  const uses = host.flatMap((path) => {
    const lines = codeOf(path).split('\n');
    return lines.filter((line) => /\broleOf\(/.test(line)).map((line) => `${path}: ${line.trim()}`);
  });
  expect(uses).toEqual([
    'src/host/engine.ts: onState: (snapshot) => this.reports.report(roleOf(snapshot), snapshot.context.heardLeader),',
    "src/host/status.ts: role: isStopped ? '' : roleOf(engine.machine.snapshot),",
  ]);
  const reports = codeOf('src/host/engine.ts').match(/^.*\brole\b.*$/gm) ?? [];
  expect(reports).toEqual([]);
});

test('the host arms no timer of the protocol: delays belong to the charts', () => {
  const uses = host.filter((path) => /\bsetTimeout\(/.test(codeOf(path)));
  // How long uncertain calls and a stop wait, rest, deadlines of calls, the clock itself, comparisons.
  const allowed = [
    'calls.ts',
    'host.ts',
    'log-at-rest.ts',
    'pending-calls.ts',
    'scoped-clock.ts',
    'state-comparison.ts',
  ];
  expect(uses).toEqual(allowed.map((name) => `src/host/${name}`));
});
