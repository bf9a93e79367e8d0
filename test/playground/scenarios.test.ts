/** Each scenario is a story that checks itself: told here as the page tells it. */
import { describe, expect, it } from 'vitest';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { Recording } from '../../src/playground/recording.ts';
import {
  playScenario,
  SCENARIOS,
  type Scenario,
  scenarioOf,
} from '../../src/playground/scenarios/index.ts';
import { ScenarioRun } from '../../src/playground/scenarios/scenario-run.ts';

const WORDS_MAX = 45;
/** So that it is told while one waits. */
const EVENTS_MAX = 500;

describe.each(SCENARIOS)('$title', (scenario) => {
  it('is told to its end, and the run is as the story says', async () => {
    const { recording, captions } = await playScenario(scenario);
    expect(recording.last.violation).toBeNull();
    expect(recording.length).toBeLessThanOrEqual(EVENTS_MAX);
    expect(captions.at(0)?.at).toBe(0);
    expect(captions.at(-1)?.at).toBe(recording.length);
  });

  it('is the very same each time, and so is its script when a link brings it', async () => {
    const { recording, script, captions } = await playScenario(scenario);
    const again = await playScenario(scenario);
    expect(again.captions).toEqual(captions);
    expect(again.script).toEqual(script);
    const { seed: _seed, servers: _servers, ...setting } = scenario.begin;
    const linked = await Recording.start(script, { setting });
    await linked.advanceTo(recording.length);
    for (const { at } of captions) {
      expect(linked.frame(at).traceHash).toBe(recording.frame(at).traceHash);
    }
    expect(linked.last.traceHash).toBe(recording.last.traceHash);
  });

  it('says something short and calm, at one event after the other', async () => {
    const { captions } = await playScenario(scenario);
    captions.forEach(({ at, title, text }, place) => {
      expect(at).toBeGreaterThan(captions[place - 1]?.at ?? -1);
      expect(text.split(/\s+/).length, text).toBeLessThanOrEqual(WORDS_MAX);
      expect(`${title} ${text}`).not.toMatch(/!|undefined|null|NaN|\[object/);
      expect(title).not.toMatch(/[.:]$/);
      expect(text).toMatch(/[.]$/);
    });
  });

  it('looks at servers that there are, and of which it speaks', async () => {
    const { recording, captions } = await playScenario(scenario);
    const looks = captions.filter(({ server }) => server !== undefined);
    expect(looks.length).toBeGreaterThan(1);
    for (const { server, title, text } of looks) {
      expect(recording.last.servers.map(({ id }) => id)).toContain(server);
      expect(`${title} ${text}`).toMatch(new RegExp(`\\b${server}\\b`));
    }
  });
});

describe('the list of scenarios', () => {
  it('has one of each name', () => {
    const ids = SCENARIOS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const scenario of SCENARIOS) expect(scenarioOf(scenario.id)).toBe(scenario);
    expect(scenarioOf('constructor')).toBeNull();
  });
});

describe('an assertion that does not hold says what should be and what is', () => {
  it('of first-election, whose leader is e', async () => {
    const { recording } = await playScenario(scenarioOf('first-election') as Scenario);
    const run = new ScenarioRun('first-election', recording);
    const values = { x: '1' };
    expect(() => run.expectServer('e', { role: 'follower' })).toThrow(
      'is follower, and it is leader',
    );
    expect(() => run.expectServer('e', { term: 2 })).toThrow('is 2, and it is 1');
    expect(() => run.expectServer('b', { log: '1 1' })).toThrow('is 1 1, and it is 1');
    expect(() => run.expectServer('b', { commitIndex: 2 })).toThrow('is 2, and it is 1');
    expect(() => run.expectServer('b', { vote: 'c' })).toThrow('is c, and it is e');
    expect(() => run.expectServer('b', { values })).toThrow('is 1, and it is null');
    expect(() => run.expectAgreement('e', { term: 1, log: '1 2' })).toThrow('is 1 2, and it is 1');
    expect(() => run.expectOutcome(1, 'applied')).toThrow('There is no call 1');
    for (let event = 0; event <= recording.length; event += 1) {
      run.facts.push(...recording.frame(event).facts);
    }
    expect(() => run.expectRefusal('b', 'e', 'already-voted')).toThrow(
      'is already-voted, and it is null',
    );
  });
});

/** What the story of that id finds wrong with a machine that breaks a rule. */
function complaint(id: string, machine: ServerMachine): Promise<string> {
  return playScenario(scenarioOf(id) as Scenario, { machine }).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

type Guards = NonNullable<Parameters<ServerMachine['provide']>[0]['guards']>;

describe('a story is not told of a machine that breaks its rule', () => {
  const cases: readonly (readonly [string, Guards])[] = [
    ['first-election', { wonElection: () => true }],
    ['split-vote', { mayGrantVote: () => true }],
    ['crashed-leader', { mayGrantVote: () => false }],
    ['stale-leader', { hearsFromQuorum: () => true }],
    ['figure-7', { logMatches: () => true }],
    ['figure-8-overwritten', { mayGrantVote: () => true }],
  ];
  it.each(cases)('%s', async (id, guards) => {
    expect(await complaint(id, serverMachine.provide({ guards }))).not.toBe('nothing');
  });
});
