/** Headers of our own, and what several routes send. */
export const SERVER_HEADER = 'Statecraft-Server';
/** The applied index that an answer reflects. */
export const INDEX_HEADER = 'Statecraft-Index';
/** What a read was: `linearizable`, or `stale`, which may be of the past. */
export const CONSISTENCY_HEADER = 'Statecraft-Consistency';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
