import { describe, expect, it } from 'vitest';
import { silenceMaxMs } from '../../src/inspector/rates.ts';

describe('a silence too long', () => {
  it('is a second and a half for a server that hears heartbeats, also when it has lasted for a while', () => {
    expect(silenceMaxMs('server', [0, 0, 20, 22, 21, 20])).toBe(1_500);
    expect(silenceMaxMs('server', [20, 22, 21, 20, 0, 0, 0])).toBe(1_500);
  });

  it('is longer for one that is heard seldom', () => {
    expect(silenceMaxMs('server', [4, 4, 4])).toBe(2_000);
    expect(silenceMaxMs('server', [1, 1, 1])).toBe(3_000);
    expect(silenceMaxMs('server', [0, 0, 0])).toBe(3_000);
  });

  it("is only that of the connection itself for one's own actors", () => {
    expect(silenceMaxMs('actors', [900, 900, 900])).toBe(3_000);
  });
});
