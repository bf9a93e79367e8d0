/** What goes wrong in replicated data, by name, each beside a sound history that looks like it. */
import { describe, expect, it } from 'vitest';
import { keyValueModel } from '../../src/kv/index.ts';
import { checkLinearizable } from '../../src/simulation/index.ts';
import { told } from './told-history.ts';

/** The notation is that of told-history.ts. */
const anomalies: readonly (readonly [name: string, history: string])[] = [
  ['stale read', 'put 1; put 2; get 1'],
  ['stale read of nothing', 'put 1; get -'],
  ['stale read beside a write that overlaps', 'put 1; put 2; put 3 @4-9; get 1 @5-6'],
  ['stale revision', 'put 1 #1; put 1 #2; get 1 #1'],
  ['read from nowhere', 'put 1; get 2'],
  ['read of nothing ever written', 'get 1'],
  ['read from the future', 'get 1 @0-1; put 1 @2-3'],
  ['lost write', 'put 1; delete yes; put 2; get -'],
  ['lost update: an append overwritten', 'append a; append b; get b'],
  ['lost update: an append gone', 'append a; append b; get a'],
  ['lost update: two swaps of the same revision', 'put 1 #1; put 2 if#1 #2; put 3 if#1 #3'],
  ['lost update: two that both found nothing', 'put 1 if- @0-5; put 2 if- @1-6'],
  ['lost append of one who was told', 'append a @0-5; append b @0-5; get b @6-7'],
  ['split brain: two leaders take writes', 'put 1; put 2; get 1; get 2'],
  ['split brain: two readers, two orders', 'put 1 @0-9; put 2 @0-9; get 1; get 2; get 1'],
  ['split brain: appends of two lines', 'append a; append b; get a; append c; get ac'],
  ['split brain: the same revision twice', 'put 1 #5 @0-9; put 2 #5 @0-9'],
  ['resurrected delete', 'put 1; delete yes; get -; get 1'],
  ['resurrected delete, seen by an append', 'append a; delete yes; append b =2'],
  ['resurrected by a swap of what was deleted', 'put 1 #1; delete yes; put 2 if#1 #3'],
  ['delete of what was never there', 'delete yes'],
  ['delete that found nothing, though there was', 'put 1; delete no'],
  ['delete that was lost', 'put 1; delete yes; get 1'],
  ['two deletes that both found it', 'put 1; delete yes @2-9; delete yes @3-8'],
  ['duplicate append', 'append a; append b; get aab'],
  ['duplicate append, told by its length', 'append a; append b =3'],
  ['duplicate append without an answer', 'append a @0-; get aa @1-2'],
  ['duplicate put over a later one', 'put 1; put 2; get 2; get 1'],
  ['appends out of order', 'append a; append b; get ba'],
  ['append in the middle', 'append a; append b; get ab; append c; get acb'],
  ['torn append', 'append abc @0-; get ab @1-2'],
  ['non-monotonic read', 'put 1; put 2 @2-9; get 2 @3-4; get 1 @5-6'],
  ['non-monotonic read of a growing list', 'append a; append b @2-; get ab; get a'],
  ['non-monotonic revision of a write', 'put 1 #5; put 2 #4'],
  ['non-monotonic revision of a read', 'put 1 #1; put 1 @2-; get 1 #4 @4-5; get 1 #1 @6-7'],
  ['revision that changes without a write', 'put 1 #1; get 1 #2'],
  ['flicker of a write without an answer', 'put 1 @0-; get - @1-2; get 1 @3-4; get - @5-6'],
  ['write in doubt that takes effect twice', 'put 1 @0-; get 1; put 2; get 2; get 1'],
  ['write in doubt before it was called', 'get 1 @0-1; put 1 @2-'],
  ['dirty read of what was refused', 'put 1 #1; put 2 if#9 refused 1; get 2'],
  ['condition refused though it held', 'put 1 #3; put 2 if#3 refused 3'],
  ['condition refused by a revision of the past', 'put 1 #1; put 2 #2; put 3 if#1 refused 1'],
  ['condition held on what was not there', 'put 1 if+'],
  ['condition held on what was there', 'put 1; put 2 if-'],
  ['own write not read', 'append a; get a; append b; get a'],
  ['answer of another length', 'put abc; append d =3'],
];

const sound: readonly (readonly [name: string, history: string])[] = [
  ['nothing at all', 'get -'],
  ['one after the other', 'put 1; get 1; put 2; get 2; delete yes; get -'],
  ['read of the old beside a write', 'put 1; put 2 @2-9; get 1 @3-4; get 2 @5-6'],
  [
    'old and new beside a write of the same',
    'put 1; put 2 @2-9; put 1 @2-9; get 2 @3-4; get 1 @5-6',
  ],
  ['read that overlaps its write', 'get 1 @0-5; put 1 @4-9'],
  ['what touches at an instant overlaps', 'put 1 @0-5; get - @5-6'],
  ['two writers, either order', 'put 1 @0-9; put 2 @0-9; get 1 @10-11'],
  ['two readers beside two writers', 'put 1 @0-9; put 2 @0-9; get 2 @1-2; get 1 @3-4'],
  ['appends that overlap, in the other order', 'append a @0-9; append b @0-9; get ba @10-11'],
  ['lengths that tell the order', 'append a =2 @0-9; append b =1 @0-9; get ba @10-11'],
  ['revisions that tell the order', 'put 1 #2 @0-9; put 2 #1 @0-9; get 1 @10-11'],
  ['write in doubt, never seen', 'put 1; put 2 @2-; get 1; get 1'],
  ['write in doubt, seen late', 'put 1 @0-; get - @1-2; put 2 @3-4; get 2 @5-6; get 1 @7-8'],
  ['append in doubt, seen later', 'append a; append b @2-; get a; append c; get ac; get acb'],
  ['append in doubt, told by a length', 'append a; append b @2-; append c =3; get abc'],
  ['delete in doubt', 'put 1; delete @2-; get 1; get -; put 2; get 2'],
  ['one of many in doubt', 'put 1 @0-; put 2 @0-; put 3 @0-; get 2 @1-2; get 3 @3-4; get 3 @5-6'],
  [
    'of two in doubt that fit, the one that is not needed later',
    'put 1 @0-; append 1 @0-; get 1 @1-2; put 2 @3-4; get 2 @5-6; get 1 @7-8',
  ],
  ['write in doubt that lets a condition hold', 'put 1 @0-; put 2 if+ @1-2; get 2 @3-4'],
  ['write in doubt that has the revision asked for', 'put 1 @0-; put 2 if#7 #8 @1-2'],
  ['swap in doubt that held', 'put 1 #1; put 2 if#1 @2-; get 1 #1; get 2 #3'],
  ['swap in doubt that did not', 'put 1 #1; put 2 #2; put 3 if#1 @4-; get 2 #2'],
  ['of two swaps one is refused', 'put 1 #1; put 2 if#1 #2 @2-9; put 3 if#1 refused 2 @2-9'],
  ['the first wins', 'put 1 if- #4 @0-5; put 2 if- refused 4 @1-6; get 1 #4'],
  ['deleted and written again', 'append a; delete yes; append b =1; get b'],
  ['of two deletes one finds it', 'put 1; delete yes @2-9; delete no @3-8'],
  ['read without an answer', 'put 1; get 7 @2-; get 1'],
];

describe('anomalies', () => {
  it.each(anomalies)('%s is a violation: %s', (_, history) => {
    expect(checkLinearizable(told(history), keyValueModel).verdict).toBe('violation');
  });

  it.each(sound)('%s is none: %s', (_, history) => {
    expect(checkLinearizable(told(history), keyValueModel).verdict).toBe('ok');
  });

  it('another key is another matter', () => {
    const history = [...told('put 1; get 1', 'y'), ...told('get -', 'x')];
    expect(checkLinearizable(history, keyValueModel).verdict).toBe('ok');
  });
});

describe('what a violation says', () => {
  it('which key, which answer, what came before, and the smallest window', () => {
    const report = checkLinearizable(
      told('put 1; put 2; get 2; append 3 =2; get 2'),
      keyValueModel,
    );
    expect(report.text.split('\n')).toMatchInlineSnapshot(`
      [
        "Not linearizable on key 'x': no order of its operations explains this answer:",
        "  client 5 [8, 9] {"type":"get","key":"x"} → {"type":"found","value":"2"}",
        "One order explains all before it (4):",
        "  client 1 [0, 1] {"type":"put","key":"x","value":"1"} → {"type":"written"}",
        "  client 2 [2, 3] {"type":"put","key":"x","value":"2"} → {"type":"written"}",
        "  client 3 [4, 5] {"type":"get","key":"x"} → {"type":"found","value":"2"}",
        "  client 4 [6, 7] {"type":"append","key":"x","value":"3"} → {"type":"written","length":2}",
        "At 7 there was "23"; from there, the smallest window that nothing explains:",
        "  client 5 [8, 9] {"type":"get","key":"x"} → {"type":"found","value":"2"}",
      ]
    `);
    expect(report.counterexample).toHaveLength(1);
  });

  it('more than one order before it: all that can have been there', () => {
    const report = checkLinearizable(
      told('put 1 @0-5; put 2 @0-5; get 3 @6-7; get 4 @8-9'),
      keyValueModel,
    );
    expect(report.text).toMatchInlineSnapshot(`
      "Not linearizable on key 'x': no order of its operations explains this answer:
        client 3 [6, 7] {"type":"get","key":"x"} → {"type":"found","value":"3"}
      One order explains all before it (2):
        client 1 [0, 5] {"type":"put","key":"x","value":"1"} → {"type":"written"}
        client 2 [0, 5] {"type":"put","key":"x","value":"2"} → {"type":"written"}
      At 5 there was "2" or "1"; from there, the smallest window that nothing explains:
        client 3 [6, 7] {"type":"get","key":"x"} → {"type":"found","value":"3"}"
    `);
  });
});
