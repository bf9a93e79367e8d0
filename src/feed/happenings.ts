/** What happened in one step of one server, and why, as data: what a feed for people is made of. */
import type { ServerId } from '#rules/entries';

export interface Happening {
  readonly kind: string;
  readonly server: ServerId;
}
