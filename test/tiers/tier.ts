/**
 * Two tiers of one suite. `npm test` is the quick one: what is told here is smaller in it, and the
 * files below are left out. Everything else runs whole: `npm run test:full`, and `npx vitest run`
 * with the name of a file.
 */

/** Files of the full tier only: `npm run test:times` says how long each suite takes. */
export const FULL_ONLY: readonly string[] = [
  'test/browser/hostile-page.test.ts',
  'test/browser/hostile-page-peers.test.ts',
  'test/browser/inspector.test.ts',
  'test/browser/inspector-looks.test.ts',
  'test/browser/inspector-own-actors.test.ts',
  'test/browser/inspector-strangers.test.ts',
  'test/browser/inspector-token.test.ts',
  'test/browser/playground-hands.test.ts',
  'test/browser/playground-refusals.test.ts',
  'test/browser/playground-runs.test.ts',
  'test/browser/playground-time.test.ts',
  'test/browser/scenarios.test.ts',
  'test/browser/watch.test.ts',
  'test/cluster/cli.test.ts',
  'test/cluster/descriptors.test.ts',
  'test/cluster/key-rotation.test.ts',
  'test/cluster/odd-mounts.test.ts',
  'test/cluster/pages.test.ts',
  'test/cluster/restarts.test.ts',
  'test/cluster/secure-cluster.test.ts',
  'test/cluster/secure-guide.test.ts',
  'test/cluster/start-faults.test.ts',
  'test/cluster/while-it-runs.test.ts',
  'test/contracts/wrong-parts.test.ts',
  'test/diagram/layout.test.ts',
  'test/diagram/loaded-files.test.ts',
  'test/feed/every-step.test.ts',
  'test/lab/controls-3.test.ts',
  'test/lab/controls.test.ts',
  'test/lab/lab-3.test.ts',
  'test/model/broken-server.test.ts',
  'test/package/checks.test.ts',
  'test/package/client-guide.test.ts',
  'test/package/contents.test.ts',
  'test/package/doors.test.ts',
  'test/package/examples.test.ts',
  'test/package/readme.test.ts',
  'test/paper/broken-machines.test.ts',
  'test/playground/scenarios.test.ts',
  'test/search/planted.test.ts',
  'test/simulation/linearizability-long.test.ts',
  'test/simulation/search-guide.test.ts',
  'test/simulation/search.test.ts',
];

export const isQuick = process.env.STATECRAFT_TIER === 'quick';

/** So many, or so few, as the tier has time for. */
export function inTier<Value>(each: { readonly quick: Value; readonly full: Value }): Value {
  return isQuick ? each.quick : each.full;
}
