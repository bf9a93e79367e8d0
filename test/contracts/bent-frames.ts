/** Frames of any kind, bent: in their fields, in their body, in their header. */
import fc from 'fast-check';
import type { AppendEntries, Message } from '../../machines/rules/messages.ts';
import { entryToList } from '../../src/formats/entry-format.ts';
import { PROTOCOL_VERSION } from '../../src/formats/frame.ts';
import { encodeFrame } from '../../src/formats/message-frame.ts';
import { pack } from '../../src/formats/msgpack.ts';
import { anyMessage, wireFields } from './arbitrary-messages.ts';
import { anyBend, anyBytesBend } from './fuzzing.ts';

const KIND_AT = 5;
const HEADER_BYTES = 6;

const text = fc.string({ maxLength: 30 });
/** One entry as it goes into a frame. */
export const anyEntryList = anyMessage
  .filter((message) => message.type === 'AppendEntries' && message.entries.length > 0)
  .map((message) => entryToList((message as AppendEntries).entries[0]!));
const anyNonce = fc.uint8Array({ minLength: 31, maxLength: 32 });
const open = fc.record({
  versions: fc.constantFrom([2], [1, 2], []),
  clusterId: text,
  from: fc.constantFrom('a', 'b', 'c'),
  to: fc.constantFrom('a', 'b', 'c', ''),
  nonce: anyNonce,
  keyNames: fc.constantFrom(['0123456789abcdef'], []),
});

/** A kind's number and its fields as they go into a frame. */
interface Unpacked {
  readonly kind: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

function unpacked(message: Message): Unpacked {
  const fields = wireFields(message);
  const kind = encodeFrame(message)[KIND_AT] ?? 0;
  if (message.type !== 'AppendEntries') return { kind, fields };
  return { kind, fields: { ...fields, entries: message.entries.map(entryToList) } };
}

const anyUnpacked: fc.Arbitrary<Unpacked> = fc.oneof(
  { weight: 4, arbitrary: anyMessage.map(unpacked) },
  {
    weight: 5,
    arbitrary: anyMessage.map((message) => unpacked({ ...message, from: 'b', to: 'a' })),
  },
  { weight: 1, arbitrary: open.map((fields) => ({ kind: 67, fields })) },
  { weight: 1, arbitrary: text.map((reason) => ({ kind: 71, fields: { reason } })) },
  { weight: 1, arbitrary: fc.nat().map((writeNumber) => ({ kind: 72, fields: { writeNumber } })) },
  { weight: 1, arbitrary: fc.constant({ kind: 73, fields: {} }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom('a', 'b'), text), { maxLength: 3 })
      .map((digests) => ({ kind: 74, fields: { index: digests.length, digests } })),
  },
);

/** Bent fields in a bent body in a frame of the right length, which is bent again. */
export const anyFrame = fc
  .tuple(anyUnpacked, anyBend, anyBytesBend, fc.boolean())
  .map(([{ kind, fields }, bend, bendBytes, isWhole]) => {
    const body = pack(bend(fields));
    return isWhole ? framed(kind, bendBytes(body)) : bendBytes(framed(kind, body));
  });

/** With a right header. */
export function framed(kind: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + body.byteLength);
  new DataView(frame.buffer).setUint32(0, 2 + body.byteLength);
  frame.set([PROTOCOL_VERSION, kind], 4);
  frame.set(body, HEADER_BYTES);
  return frame;
}
