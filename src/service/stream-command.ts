/** Commands as streams carry them: the bytes that go into the log, checked before they do. */
import { type CommandHead, commandHead } from '../kv/codec.ts';
import { decodeText } from '../kv/keys.ts';
import { varintLength } from '../kv/varint.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import { badRequest, HttpError } from './errors.ts';

/** Everything that `apply` relies on: what is wrong must not get into the log. */
export function assertCommand(bytes: Uint8Array): CommandHead {
  let head: CommandHead;
  try {
    head = commandHead(bytes);
    assertText(bytes, head.keyAt, head.valueAt);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
  const { condition, revision, keyAt, valueAt } = head;
  const revisionLength = condition === 'ifRevision' ? varintLength(revision) : 0;
  if (keyAt !== 3 + revisionLength + varintLength(valueAt - keyAt)) {
    throw badRequest('a number in the command has more bytes than it needs');
  }
  const length = bytes.byteLength - valueAt;
  if (length <= valueBytesMax) return head;
  throw new HttpError('too_large', `the value has ${length} bytes; at most 1,048,576 are allowed`);
}

/** Nearly every key is ASCII, and needs no decoder. @throws TypeError */
function assertText(bytes: Uint8Array, from: number, until: number): void {
  for (let at = from; at < until; at += 1) {
    if ((bytes[at] ?? 0) < 0x80) continue;
    decodeText(bytes.subarray(from, until));
    return;
  }
}
