/** What is easily taken for something else: in Mermaid's text, in a table and in a picture. */
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { statesWithin } from '../../src/diagram/chart.ts';
import { activeStateIds, chartOf, mermaid, transitionTable } from '../../src/diagram/index.ts';
import { plainStyle } from '../../src/diagram/style.ts';
import {
  edgesOf,
  labelsAlong,
  labelsInside,
  labelsOfSwallowed,
} from '../../src/diagram/wording.ts';
import { colliding } from './colliding-machines.ts';
import { wordsOf } from './geometry.ts';

type Name = keyof typeof colliding;

/** The lines of a machine's text, without what stands before them. */
function linesOf(name: Name): readonly string[] {
  return mermaid(colliding[name])
    .split('\n')
    .map((line) => line.trim());
}

/** The cells of the rows in its table, blanks left out. */
function rowsOf(name: Name): readonly string[] {
  return transitionTable(colliding[name])
    .split('\n')
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1, -1)
        .join('|'),
    );
}

/** All that a picture says, without laying it out. */
function wordsIn(name: Name, isBrief = false): readonly string[] {
  const chart = chartOf(colliding[name]);
  const style = { ...plainStyle, isBrief };
  const inside = statesWithin(chart).flatMap((state) => [
    ...labelsInside(state, style),
    ...labelsOfSwallowed(state, style),
  ]);
  return [...inside, ...edgesOf(chart).flatMap((edge) => labelsAlong(edge, style))].map(wordsOf);
}

describe('states of one name', () => {
  it('are told apart where an arrow leads to one of them', () => {
    expect(linesOf('histories')).toEqual(
      expect.arrayContaining([
        'histories_off --> histories_a : A → a.memory',
        'histories_off --> histories_b : B → b.memory',
        'histories_off --> histories_c : C → last',
        'histories_b --> histories_a : SWAP → a.memory',
      ]),
    );
    expect(linesOf('sameNames')).toEqual(
      expect.arrayContaining([
        'sameNames_first_idle : OVER → second.busy',
        'sameNames_second_busy_idle : OUT → first.idle',
        'sameNames_second --> sameNames_first : BACK → first.busy<br/>OUT → first.idle',
      ]),
    );
  });

  it('are told apart in a picture, too', () => {
    expect(wordsIn('forks')).toContain('BOTH / count → left.b and right.b');
    expect(wordsIn('forks', true)).toContain('BOTH → left.b and right.b');
  });
});

describe('a history state', () => {
  it('says how deep it is, and where it leads at first', () => {
    expect(linesOf('histories')).toEqual(
      expect.arrayContaining([
        'state "memory (history)" as histories_a_memory',
        'state "memory (deep history)" as histories_b_memory',
        'histories_c_last : otherwise → c.y',
        'histories_c_away : otherwise → far.deep',
      ]),
    );
    expect(rowsOf('histories')).toEqual(
      expect.arrayContaining([
        '**c.last**|*history, deep*|*at first*||c.y|',
        '**c.away**|*history*|*at first*||far.deep|',
      ]),
    );
  });

  it('says so in a picture, in brief as well', () => {
    for (const isBrief of [false, true]) {
      const words = wordsIn('histories', isBrief);
      expect(words.filter((word) => word === 'history')).toHaveLength(2);
      expect(words.filter((word) => word === 'deep history')).toHaveLength(2);
      expect(words).toContain('otherwise → far.deep');
    }
  });
});

describe('a transition with several targets', () => {
  it('is one label with all of them, and no alternatives', () => {
    expect(linesOf('forks')).toEqual(
      expect.arrayContaining([
        'forks_off --> forks_on : BOTH → left.b and right.b<br/>EITHER [isLeft] → left.b<br/>' +
          'EITHER [else] → right.b',
        'forks_on_left_a --> forks_on_left_b : CROSS → left.b and right.b',
        'forks_on_left --> forks_on_right : CROSS → left.b and right.b',
        'forks_on_left_a : CROSS → left.b and right.b',
        'RESTART → left.a and right.a',
      ]),
    );
    expect(rowsOf('forks')).toContain('**off** •|`BOTH`||`count`|on.left.b and on.right.b|');
  });
});

describe('keys with dots', () => {
  it('are no path: the state is beside what it could be taken for', () => {
    const ids = chartOf(colliding.dotted).states.map(({ id }) => id);
    const beside = ['a', 'a\\.b', 'v1\\.0'].map((path) => `com.example.app.${path}`);
    expect(ids).toEqual(beside);
    expect(linesOf('dotted')).toEqual(
      expect.arrayContaining([
        'com_example_app_a --> com_example_app_a__b : GO',
        'com_example_app_a__b --> com_example_app_a : BACK',
        'com_example_app_a_b : UP → v1.0',
      ]),
    );
    expect(linesOf('dotted').filter((line) => line.startsWith('note'))).toEqual([]);
  });

  it('are known by their ids while the machine runs', () => {
    const actor = createActor(colliding.dotted).start();
    actor.send({ type: 'GO' } as never);
    const { value } = actor.getSnapshot();
    expect(activeStateIds(colliding.dotted, value)).toEqual([
      'com.example.app',
      'com.example.app.a\\.b',
    ]);
  });
});

describe('what leads back', () => {
  it('bears ↻ where something is left and entered anew, and only there', () => {
    const marks = rowsOf('returns')
      .map((row) => row.split('|'))
      .map(([, event = '', , , , mark = '']) => `${event.replaceAll('`', '')} ${mark}`.trim());
    expect(marks.slice(2, -1)).toEqual([
      ...['WHOLE ↻', 'ANEW ↻', 'FIRST ↻'],
      ...['SELF ↻', 'SELF_ANEW ↻', 'IN ↻', 'IN_ANEW ↻'],
      ...['*entry*', 'STAY', 'STAY_ANEW ↻', 'NOTHING', 'UP ↻', 'TOP ↻'],
      'after 1000 ↻',
      '',
    ]);
  });

  it('is what XState does', () => {
    const left = (type: string) => {
      const actor = createActor(colliding.returns).start();
      let entered = 0;
      actor.system.inspect((event) => {
        if (event.type !== '@xstate.action') return;
        if (event.action.type === 'entered') entered += 1;
      });
      actor.send({ type } as never);
      return entered;
    };
    expect(left('STAY')).toBe(0);
    for (const type of ['STAY_ANEW', 'SELF', 'UP', 'TOP', 'WHOLE', 'FIRST']) {
      expect(left(type), type).toBe(1);
    }
  });

  it('is told apart: the state itself, one in it, one around it, the whole', () => {
    const said = ['STAY_ANEW ↻', 'UP → a ↻', 'TOP → returns ↻'];
    expect(linesOf('returns')).toEqual(
      expect.arrayContaining([
        ...said.map((line) => `returns_a_x : ${line}`),
        ...['SELF → a', 'SELF_ANEW ↻', 'IN → y', 'IN_ANEW → y ↻', 'FIRST ↻', 'WHOLE → returns ↻'],
        'returns_b : ANEW → returns ↻',
        'returns_b --> returns_a : FIRST',
      ]),
    );
    expect(linesOf('returns').join('\n')).not.toMatch(/STAY →|STAY ↻|NOTHING/);
    expect(wordsIn('returns')).toEqual(
      expect.arrayContaining([
        ...said,
        ...['STAY / count', 'NOTHING', 'SELF → a', 'SELF_ANEW ↻', 'IN', 'IN_ANEW ↻'],
      ]),
    );
  });
});

describe('guards', () => {
  it('are asked one after the other: the second one only when the first says no', () => {
    const said = ['T [isHot]', 'T [else isWarm and isDry]', '[else isWarm]', '[else]'];
    for (const line of said) {
      expect(mermaid(colliding.ordered)).toContain(line);
      expect(wordsIn('ordered')).toContain(line);
    }
  });
});

describe("XState's own names", () => {
  it('are what the author wrote', () => {
    expect(linesOf('internal')).toEqual(
      expect.arrayContaining([
        'internal_part --> internal_failed : onDone',
        'internal_loading --> internal_part : onDone load (1)<br/>onDone load (again)<br/>' +
          'onDone (inline) (3)',
        'internal_loading --> internal_settings : route #35;settings [isKnown]',
        'internal_settings : route #35;settings [isKnown] ↻',
        'internal_failed --> internal_page : route #35;page<br/>route #35;pageEnd → end',
      ]),
    );
    expect(rowsOf('internal')).toEqual(
      expect.arrayContaining([
        '**internal (any state)**|`route #settings`|`isKnown`||settings|↻',
        '|`route #page`|||page|↻',
        '|`onSnapshot load (again)`||`show`||',
      ]),
    );
    const own = /xstate\.(?!done\.state\.internal\.part)/;
    expect(mermaid(colliding.internal)).not.toMatch(own);
    expect(transitionTable(colliding.internal)).not.toMatch(own);
  });

  it('are in a picture what the author wrote, too', () => {
    const words = wordsIn('internal');
    expect(words).toEqual(
      expect.arrayContaining(['route #settings [isKnown]', 'route #page', 'onError own']),
    );
    expect(words.join('\n')).not.toMatch(/xstate\.(?!done\.state\.internal\.part)/);
  });

  it('stay where the author wrote them', () => {
    expect(rowsOf('internal')).toContain('|`xstate.done.state.internal.part`|||failed|');
  });
});
