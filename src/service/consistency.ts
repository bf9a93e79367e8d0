/** The `consistency` parameter of reads. */
import { badRequest } from './errors.ts';

export type Consistency = 'linearizable' | 'stale';

export function consistencyOf(text: string | undefined): Consistency {
  if (text === undefined || text === 'linearizable') return 'linearizable';
  if (text === 'stale') return 'stale';
  throw badRequest(`consistency=${text} is not known; choose linearizable (the default) or stale`);
}
