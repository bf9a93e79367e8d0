import { expect, it } from 'vitest';
import { logRateLimit, rateLimited } from '../../src/node/rate-limited-log.ts';
import { transportLog } from '../../src/node/transport-log.ts';

it('what repeats itself is said once a minute, another one at once', () => {
  let now = 0;
  const log = logRateLimit(() => now);
  expect(log('b is refused')).toBe(true);
  now = 59_999;
  expect(log('b is refused')).toBe(false);
  expect(log('c is refused')).toBe(true);
  now = 60_000;
  expect(log('b is refused')).toBe(true);
});

it('a log that is limited passes on what is new', () => {
  let now = 0;
  const said: string[] = [];
  const log = rateLimited(
    (message) => said.push(message),
    () => now,
  );
  for (const message of ['b is refused', 'b is refused', 'c is refused']) log(message);
  now = 60_000;
  log('b is refused');
  expect(said).toEqual(['b is refused', 'c is refused', 'b is refused']);
});

it('the log of a minute is bounded, however many have something to say in it', () => {
  let now = 0;
  const log = logRateLimit(() => now);
  const said = Array.from({ length: 10_000 }, (_, at) => log(`stranger ${at}`));
  expect(said.filter(Boolean).length).toBe(101);
  expect(log('stranger 0')).toBe(false);
  now = 60_000;
  expect(log('stranger 9999')).toBe(true);
});

it('strangers, however many, keep no line about a peer from being said', () => {
  const said: string[] = [];
  const log = transportLog(
    ({ message }) => said.push(message),
    () => 0,
  );
  for (let at = 0; at < 1_000; at += 1) {
    log.event('malformed', null, 'garbage', `10.0.0.${at}`);
  }
  log.event('refused', 'b', 'refused', 'its directory was replaced');
  expect(said.at(-1)).toBe('refused');
});
