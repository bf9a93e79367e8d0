/**
 * Whether to talk to whoever introduces itself (design: the network). Each refusal is a sentence
 * for the people of both servers. Not being in our configuration is no reason: a server that joins
 * is in none yet.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import { PROTOCOL_VERSION } from '../formats/frame.ts';
import type { Hello } from '../formats/peer-frame.ts';
import type { Introduction } from '../ports/transport.ts';
import type { KnownPeer } from './peer-memory.ts';

export interface GreetingContext {
  readonly introduction: Introduction;
  /** Whom we dialled; null when it came by itself. */
  readonly dialled: ServerId | null;
  readonly known: KnownPeer | undefined;
}

/** Why the greeting is refused; null when it is not. */
export function greetingRefusal(hello: Hello, context: GreetingContext): string | null {
  return (
    versionRefusal(hello) ?? identityRefusal(hello, context) ?? storageRefusal(hello, context.known)
  );
}

function versionRefusal({ versionMin, versionMax, from }: Hello): string | null {
  if (versionMin <= PROTOCOL_VERSION && PROTOCOL_VERSION <= versionMax) return null;
  return (
    `Server ${from} speaks protocol versions ${versionMin} to ${versionMax}, and this server ` +
    `version ${PROTOCOL_VERSION}: update the older one.`
  );
}

function identityRefusal(hello: Hello, { introduction, dialled }: GreetingContext): string | null {
  const { clusterId, serverId } = introduction;
  if (hello.clusterId !== clusterId) {
    return (
      `Server ${hello.from} is of cluster ${hello.clusterId}, and server ${serverId} of cluster ` +
      `${clusterId}: all servers of a cluster are started with the same name and the same ids.`
    );
  }
  if (hello.to !== serverId) {
    return (
      `Server ${hello.from} wants server ${hello.to}, and this is server ${serverId}: ` +
      'check the addresses it was started with.'
    );
  }
  if (hello.from === serverId) {
    return `Another server calls itself ${serverId} too: each has an id of its own.`;
  }
  if (dialled !== null && hello.from !== dialled) {
    return (
      `At the address of server ${dialled} there is server ${hello.from}: ` +
      `check the addresses that server ${serverId} was started with.`
    );
  }
  return null;
}

function storageRefusal(hello: Hello, known: KnownPeer | undefined): string | null {
  if (known === undefined) return null;
  const { from, storageId, writeNumber } = hello;
  if (storageId !== known.storageId) {
    return (
      `Server ${from} has another data directory (storage ${storageId}) than the one known here ` +
      `(${known.storageId}): its directory was replaced. A wiped server that rejoins under its ` +
      'name could vote twice: start it with its own directory, or replace it as one that is lost.'
    );
  }
  if (writeNumber < known.writeNumber) {
    return (
      `The data directory of server ${from} ends with write ${writeNumber}, but it had completed ` +
      `write ${known.writeNumber}: it was restored from an older day, and has forgotten votes or ` +
      'entries. Start it with its newest directory, or replace it as one that is lost.'
    );
  }
  return null;
}
