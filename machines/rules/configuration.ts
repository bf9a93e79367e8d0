/**
 * Who takes part (§6): the configuration is data, carried by the log, and quorums are computed
 * from it alone. Membership changes come later; the format has room for learners and for joint
 * consensus from the first day.
 */
import type { ServerId } from './entries.ts';
import { invariant } from './invariant.ts';

/** One server of a configuration. */
export interface Member {
  readonly id: ServerId;
  /** Where the other servers reach it; transport-specific, opaque to the protocol. */
  readonly peerAddress: string;
  /** Whether it counts in elections and commitment. A learner does not (thesis §4.2.1). */
  readonly votes: boolean;
}

/** The members, sorted by id. With `next` set, both lists must agree (joint consensus, §6). */
export interface Configuration {
  readonly servers: readonly Member[];
  readonly next: readonly Member[] | null;
}

/** The configuration a cluster is born with: all voters, no change under way (design: bootstrap). */
export function bootstrapConfiguration(
  peerAddresses: Readonly<Record<ServerId, string>>,
): Configuration {
  const servers = Object.keys(peerAddresses)
    .sort()
    .map((id) => ({ id, peerAddress: peerAddresses[id] ?? '', votes: true }));
  return { servers, next: null };
}

/** Every server named by the configuration, old or new, once, sorted by id. */
export function memberIds(configuration: Configuration): readonly ServerId[] {
  const ids = configuration.servers.map((member) => member.id);
  if (configuration.next === null) return ids;
  return [...new Set([...ids, ...configuration.next.map((member) => member.id)])].sort();
}

export function isVoter(configuration: Configuration, id: ServerId): boolean {
  const votesIn = (members: readonly Member[]) =>
    members.some((member) => member.id === id && member.votes);
  return (
    votesIn(configuration.servers) || (configuration.next !== null && votesIn(configuration.next))
  );
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Canonical bytes: ids sorted, keys in a fixed order, so that equal means byte-identical. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const canonical = (members: readonly Member[]) =>
    [...members]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, peerAddress, votes }) => ({ id, peerAddress, votes }));
  const { servers, next } = configuration;
  return encoder.encode(
    JSON.stringify({ servers: canonical(servers), next: next && canonical(next) }),
  );
}

/** @throws when the bytes are not a configuration, which stops the server. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const value: unknown = JSON.parse(decoder.decode(bytes));
  invariant(isConfiguration(value), 'a configuration entry holds a configuration (§6)');
  return value;
}

export function isConfiguration(value: unknown): value is Configuration {
  const isMember = (member: Partial<Member> | null): boolean =>
    typeof member?.id === 'string' &&
    member.id !== '' &&
    typeof member.peerAddress === 'string' &&
    typeof member.votes === 'boolean';
  const candidate = value as Partial<Configuration> | null;
  return (
    Array.isArray(candidate?.servers) &&
    candidate.servers.every(isMember) &&
    (candidate.next === null || (Array.isArray(candidate.next) && candidate.next.every(isMember)))
  );
}
