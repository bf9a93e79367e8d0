/** Who has not proved that it belongs to the cluster is not believed (design: the network). */
import { mutantsOf } from '../rows.ts';

const handshake = {
  file: 'src/node/peer-handshake.ts',
  test: 'test/contracts/peer-handshake.test.ts',
};
const listener = { file: 'src/node/peer-listener.ts', test: 'test/contracts/strangers.test.ts' };
const register = { file: 'src/node/peer-register.ts', test: 'test/contracts/strangers.test.ts' };

export const strangers = [
  ...mutantsOf(handshake, [
    {
      id: 'proof-unread',
      rule: 'A code is compared with the expected one.',
      section: 'design §11',
      find: 'return timingSafeEqual(code, macOf(frame));',
      replace: 'return timingSafeEqual(code, code);',
    },
    {
      id: 'channel-unbound',
      rule: 'A proof is bound to its TLS channel.',
      section: 'design §11',
      find: '.update(prefixed(this.#channel));',
      replace: ';',
    },
    {
      id: 'transcript-forgotten',
      rule: 'A proof covers everything sent before it.',
      section: 'design §11',
      find: 'for (const part of this.#transcript) mac.update(part);',
      replace: 'for (const part of this.#transcript.slice(-1)) mac.update(part);',
    },
    {
      id: 'refusal-believed',
      rule: 'Only its code proves a refusal.',
      section: 'design §11',
      find: "const isProved = agreement?.accepts('refusal', bytes) ?? false;",
      replace: 'const isProved = agreement !== null;',
    },
  ]),
  ...mutantsOf(listener, [
    {
      id: 'page-as-peer',
      rule: 'A web page is refused on the peer port.',
      section: 'design §11',
      find: 'if (headers.origin !== undefined) {',
      replace: 'if (headers.origin === undefined && headers.host === undefined) {',
    },
    {
      id: 'strangers-unbounded',
      rule: 'The number of unauthenticated connections is bounded.',
      section: 'design §11',
      find: 'if (!isOwnShareFull && this.#unauthenticated.size < unauthenticatedConnectionsMax) return;',
      replace: 'if (unauthenticatedConnectionsMax > 0) return;',
    },
  ]),
  ...mutantsOf(register, [
    {
      id: 'anybody-remembered',
      rule: 'Only members are kept in the memory of peers.',
      section: 'design §11',
      find: 'if (!this.#members.has(id)) return;',
      replace: '',
    },
  ]),
];
