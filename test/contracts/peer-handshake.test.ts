/**
 * The handshake under attack: whoever does not hold the key gets nothing, also with everything that
 * was ever said between two servers who do.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError } from '../../src/formats/frame.ts';
import { encodeHello, type PeerHello } from '../../src/formats/peer-frame.ts';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import {
  Acceptor,
  Dialler,
  type HandshakeEnd,
  HandshakeRefusal,
} from '../../src/node/peer-handshake.ts';
import { anyBytesBend, runs } from './fuzzing.ts';

const KEY = clusterKeyOf(new Uint8Array(32).fill(1));
const NEW_KEY = clusterKeyOf(new Uint8Array(32).fill(2));
const STOLEN = clusterKeyOf(new Uint8Array(32).fill(3));

function helloOf(id: string): PeerHello {
  return {
    storageId: `storage-of-${id}`,
    incarnation: 'first',
    writeNumber: 7,
    clientAddress: `http://127.0.0.1/${id}`,
    software: 'test',
  };
}

function end(id: string, more: Partial<HandshakeEnd> = {}): HandshakeEnd {
  return {
    id,
    clusterId: 'cluster',
    keys: [KEY],
    channel: new Uint8Array(0),
    hello: () => helloOf(id),
    certificateRefusal: () => null,
    ...more,
  };
}

/** Everything two ends say to each other. */
function record(dialling = end('a'), accepting = end('b')) {
  const dialler = new Dialler(dialling, 'b');
  const acceptor = new Acceptor(accepting);
  const open = dialler.open();
  const challenge = acceptor.challenge(open);
  const proof = dialler.prove(challenge);
  const accepted = acceptor.accept(proof);
  const welcome = acceptor.welcome();
  const welcomed = dialler.welcome(welcome);
  return { open, challenge, proof, welcome, accepted, welcomed };
}

/** Why it is refused. */
const refuses = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    const isRefusal = error instanceof HandshakeRefusal || error instanceof FrameError;
    if (!isRefusal) throw error;
    return error.message;
  }
  return 'nobody refused it';
};

const expectRefused = (attempt: () => unknown) =>
  expect(refuses(attempt)).not.toBe('nobody refused it');

describe('two servers with the same key', () => {
  it('learn who the other is, and what it says of itself', () => {
    const { accepted, welcomed } = record();
    expect(accepted).toEqual({ ...helloOf('a'), id: 'a', keyName: KEY.name });
    expect(welcomed).toEqual({ ...helloOf('b'), id: 'b', keyName: KEY.name });
  });

  it('use the first key of the dialler that the acceptor has', () => {
    const dialling = end('a', { keys: [NEW_KEY, KEY] });
    expect(record(dialling, end('b')).accepted.keyName).toBe(KEY.name);
    expect(record(dialling, end('b', { keys: [KEY, NEW_KEY] })).accepted.keyName).toBe(
      NEW_KEY.name,
    );
  });

  it('tell why they refuse each other, in a way that nobody else can', () => {
    const dialler = new Dialler(end('a'), 'b');
    const acceptor = new Acceptor(end('b'));
    acceptor.accept(dialler.prove(acceptor.challenge(dialler.open())));
    const refusal = acceptor.refusal('Your directory was replaced.');
    expect(() => dialler.welcome(refusal)).toThrow(
      expect.objectContaining({ message: 'Your directory was replaced.', source: 'proved' }),
    );
    const forger = new Dialler(end('a'), 'b');
    forger.prove(new Acceptor(end('b')).challenge(forger.open()));
    expect(() => forger.welcome(refusal)).toThrow(expect.objectContaining({ source: 'unproved' }));
  });
});

describe('whoever does not hold the key is refused', () => {
  it('when it dials, before it is told anything but a nonce', () => {
    const stranger = new Dialler(end('a', { keys: [STOLEN] }), 'b');
    expect(refuses(() => new Acceptor(end('b')).challenge(stranger.open()))).toMatch(
      /could not prove that it has this cluster's key/,
    );
  });

  it('when it claims the key by its name', () => {
    const named = { ...STOLEN, name: KEY.name };
    const stranger = new Dialler(end('a', { keys: [named] }), 'b');
    const challenge = new Acceptor(end('b')).challenge(stranger.open());
    expect(refuses(() => stranger.prove(challenge))).toMatch(/could not prove/);
  });

  it('when it is dialled, before it is told anything of the dialler', () => {
    const named = { ...STOLEN, name: KEY.name };
    const dialler = new Dialler(end('a'), 'b');
    const challenge = new Acceptor(end('b', { keys: [named] })).challenge(dialler.open());
    expect(refuses(() => dialler.prove(challenge))).toMatch(/could not prove/);
  });

  it('when it sends a proof of zeros, or a welcome of zeros', () => {
    const { open, challenge } = record();
    const acceptor = new Acceptor(end('b'));
    acceptor.challenge(open);
    expect(refuses(() => acceptor.accept(encodeHello('Proof', helloOf('a'))))).toMatch(
      /could not prove/,
    );
    const dialler = new Dialler(end('a'), 'b');
    dialler.prove(new Acceptor(end('b')).challenge(dialler.open()));
    expect(refuses(() => dialler.welcome(encodeHello('Welcome', helloOf('b'))))).toMatch(
      /could not prove/,
    );
    expect(challenge.byteLength).toBeGreaterThan(0);
  });
});

describe('a recorded handshake proves nothing', () => {
  const recorded = record();

  it('when it is replayed to the acceptor', () => {
    const acceptor = new Acceptor(end('b'));
    acceptor.challenge(recorded.open);
    expect(refuses(() => acceptor.accept(recorded.proof))).toMatch(/could not prove/);
  });

  it('when it is replayed to the dialler', () => {
    const dialler = new Dialler(end('a'), 'b');
    expect(refuses(() => dialler.prove(recorded.challenge))).toMatch(/could not prove/);
    const other = new Dialler(end('a'), 'b');
    other.prove(new Acceptor(end('b')).challenge(other.open()));
    expect(refuses(() => other.welcome(recorded.welcome))).toMatch(/could not prove/);
  });

  it('when it is redirected to another server of the cluster', () => {
    expect(refuses(() => new Acceptor(end('c')).challenge(recorded.open))).toMatch(
      /wants server b, and this is server c/,
    );
  });

  it('when two handshakes are mixed', () => {
    const dialler = new Dialler(end('a'), 'b');
    const first = new Acceptor(end('b'));
    const second = new Acceptor(end('b'));
    const challenge = first.challenge(dialler.open());
    second.challenge(dialler.open());
    expect(refuses(() => second.accept(dialler.prove(challenge)))).toMatch(/could not prove/);
  });
});

describe('a server is not talked into answering itself', () => {
  it('by its own opening', () => {
    const dialler = new Dialler(end('a'), 'b');
    expect(refuses(() => new Acceptor(end('a')).challenge(dialler.open()))).toMatch(
      /wants server b, and this is server a/,
    );
  });

  it('by its own frames in the place of the other end: each role has its own word', () => {
    const dialler = new Dialler(end('a'), 'b');
    const reflected = new Acceptor(end('b'));
    const challenge = reflected.challenge(dialler.open());
    const proof = dialler.prove(challenge);
    expect(refuses(() => dialler.welcome(proof))).toMatch(/a Proof instead of a Welcome/);
    expect(refuses(() => reflected.accept(challenge))).toMatch(/a Challenge instead of a Proof/);
    const asWelcome = proof.slice();
    asWelcome[5] = 70;
    const fresh = new Dialler(end('a'), 'b');
    fresh.prove(new Acceptor(end('b')).challenge(fresh.open()));
    expect(refuses(() => fresh.welcome(asWelcome))).toMatch(/could not prove/);
  });
});

describe('somebody in the middle', () => {
  it('cannot take a key or a version off the offer', () => {
    const dialling = end('a', { keys: [NEW_KEY, KEY] });
    const dialler = new Dialler(dialling, 'b');
    const lesser = new Dialler(end('a', { keys: [KEY] }), 'b').open();
    const challenge = new Acceptor(end('b', { keys: [KEY, NEW_KEY] })).challenge(lesser);
    expect(refuses(() => dialler.prove(challenge))).toMatch(/could not prove/);
  });

  it('cannot pass a handshake on between two TLS channels of its own', () => {
    const dialler = new Dialler(end('a', { channel: new Uint8Array(32).fill(1) }), 'b');
    const acceptor = new Acceptor(end('b', { channel: new Uint8Array(32).fill(2) }));
    expect(refuses(() => dialler.prove(acceptor.challenge(dialler.open())))).toMatch(
      /could not prove/,
    );
  });

  it('changes no bit of any frame without being noticed by the end that reads it', () => {
    const frames = ['challenge', 'proof', 'welcome'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...frames), anyBytesBend, (which, bend) => {
        const dialler = new Dialler(end('a'), 'b');
        const acceptor = new Acceptor(end('b'));
        const bent = (name: typeof which, frame: Uint8Array) =>
          name === which ? bend(frame) : frame;
        const isChanged = (before: Uint8Array, after: Uint8Array) =>
          Buffer.compare(before, after) !== 0;
        const challenge = acceptor.challenge(dialler.open());
        const bentChallenge = bent('challenge', challenge);
        if (isChanged(challenge, bentChallenge)) {
          expectRefused(() => dialler.prove(bentChallenge));
          return;
        }
        const proof = dialler.prove(challenge);
        const bentProof = bent('proof', proof);
        if (isChanged(proof, bentProof)) {
          expectRefused(() => acceptor.accept(bentProof));
          return;
        }
        acceptor.accept(proof);
        const welcome = acceptor.welcome();
        const bentWelcome = bent('welcome', welcome);
        if (isChanged(welcome, bentWelcome)) expectRefused(() => dialler.welcome(bentWelcome));
      }),
      runs(2_000),
    );
  });

  it('cannot bend the opening into one that ends in a proof', () => {
    fc.assert(
      fc.property(anyBytesBend, (bend) => {
        const dialler = new Dialler(end('a'), 'b');
        const open = dialler.open();
        const bent = bend(open);
        if (Buffer.compare(open, bent) === 0) return;
        expectRefused(() => dialler.prove(new Acceptor(end('b')).challenge(bent)));
      }),
      runs(2_000),
    );
  });
});

describe('who is meant', () => {
  it.each<[string, Partial<HandshakeEnd>, RegExp]>([
    ['another cluster', { clusterId: 'other' }, /is of cluster other, and server b of cluster/],
    ['a server of the same name', { id: 'b' }, /calls itself b, too/],
    ['a server that knows no cluster yet', { clusterId: '' }, /is of cluster \(none\)/],
  ])('%s is refused by the acceptor', (_, more, reason) => {
    const dialler = new Dialler(end('a', more), 'b');
    expect(refuses(() => new Acceptor(end('b')).challenge(dialler.open()))).toMatch(reason);
  });

  it('another server than the one dialled is refused by the dialler', () => {
    const toC = new Dialler(end('a'), 'c');
    const challenge = new Acceptor(end('b')).challenge(new Dialler(end('a'), 'b').open());
    expect(refuses(() => toC.prove(challenge))).toMatch(
      /At the address of server c there is server b/,
    );
  });

  it('a certificate of another server is refused before anything is said', () => {
    const refusal = { certificateRefusal: (id: string) => `The certificate is not ${id}'s.` };
    const dialler = new Dialler(end('a', refusal), 'b');
    const challenge = new Acceptor(end('b')).challenge(dialler.open());
    expect(refuses(() => dialler.prove(challenge))).toBe("The certificate is not b's.");
    const acceptor = new Acceptor(end('b', refusal));
    expect(refuses(() => acceptor.challenge(new Dialler(end('a'), 'b').open()))).toBe(
      "The certificate is not a's.",
    );
  });
});
