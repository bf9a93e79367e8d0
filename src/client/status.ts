/** What a server says of itself. It is asked directly: every server answers, leader or not. */
import type { Clock } from '../ports/clock.ts';
import { errorOf, jsonOf } from './answers.ts';
import { connectionFault } from './connection-faults.ts';
import type { HttpPort } from './http-port.ts';

/** What one endpoint says of its server, or why it says nothing. */
export interface EndpointStatus {
  readonly endpoint: string;
  /** The body of `/v1/status`; null when there was none. */
  readonly status: Readonly<Record<string, unknown>> | null;
  /** Why there is none, for people; null when there is one. */
  readonly problem: string | null;
}

export function askStatus(
  endpoint: string,
  timeoutMs: number,
  http: HttpPort,
  clock: Clock,
): Promise<EndpointStatus> {
  return new Promise((resolve) => {
    const failed = (problem: string) => resolve({ endpoint, status: null, problem });
    const request = {
      method: 'GET',
      endpoint,
      path: '/v1/status',
      headers: {},
      body: null,
    } as const;
    const abandon = http.send(request, (ending, code = '') => {
      clock.clearTimeout(timer);
      const fault = connectionFault(endpoint, code);
      if (fault !== null) failed(fault);
      else if (ending === 'refused') failed('could not be reached');
      else if (ending === 'lost') failed('broke the connection off');
      else if (ending.status !== 200) failed(errorOf(ending).message);
      else resolve({ endpoint, status: jsonOf(ending), problem: null });
    });
    const timer = clock.setTimeout(() => {
      abandon();
      failed(`did not answer within ${timeoutMs} ms`);
    }, timeoutMs);
  });
}
