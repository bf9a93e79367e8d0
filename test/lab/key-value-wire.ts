/** What a clerk and the course's key/value servers say to each other, and what stands in the log. */
import { pack, unpackFresh } from '../../src/formats/msgpack.ts';

export type KeyValueOperation =
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put' | 'append'; readonly key: string; readonly value: string };

/** An operation under its clerk's name: the clerk has the answers to all earlier sequences. */
export interface ClerkRequest {
  readonly clerk: number;
  readonly sequence: number;
  readonly operation: KeyValueOperation;
}

/** `elsewhere`: not answered here; the same request may be sent to another server. */
export type ServerReply = { readonly value: string } | 'elsewhere';

/** A list, since the course counts the bytes of the log. */
export function requestToCommand({ clerk, sequence, operation }: ClerkRequest): string {
  const { type, key } = operation;
  const value = type === 'get' ? [] : [operation.value];
  return JSON.stringify([clerk, sequence, type, key, ...value]);
}

export function requestFromCommand(command: string): ClerkRequest {
  const [clerk, sequence, type, key, value] = JSON.parse(command) as [
    number,
    number,
    KeyValueOperation['type'],
    string,
    string,
  ];
  return { clerk, sequence, operation: type === 'get' ? { type, key } : { type, key, value } };
}

export function encodeRequest(request: ClerkRequest): Uint8Array {
  return pack(requestToCommand(request));
}

export function decodeRequest(bytes: Uint8Array): ClerkRequest {
  return requestFromCommand(unpackFresh(bytes) as string);
}

export function encodeReply(reply: ServerReply): Uint8Array {
  return pack(reply === 'elsewhere' ? null : reply.value);
}

export function decodeReply(bytes: Uint8Array): ServerReply {
  const value = unpackFresh(bytes) as string | null;
  return value === null ? 'elsewhere' : { value };
}
