/** What clients hold, how much they may, and what that has cost others: for `/metrics`. */
import type { ServiceContext } from './context.ts';

type AddGauge = (name: string, help: string, value: () => number) => void;

export function addBoundGauges(gauge: AddGauge, { underWay, descriptors }: ServiceContext): void {
  const { connections, requests, bodyBytes, answerBytes } = underWay;
  const bounds = [
    ['http_connections', 'Connections of clients', connections.budget],
    ['http_requests_under_way', 'Requests that are not answered yet', requests],
    ['http_body_bytes', 'Bytes of request bodies under way', bodyBytes],
    ['http_answer_bytes', 'Bytes of values and lists that are being sent', answerBytes],
  ] as const;
  for (const [name, help, budget] of bounds) {
    gauge(name, `${help}.`, () => budget.used);
    gauge(`${name}_max`, `${help}, at most.`, () => budget.limit.max);
  }
  gauge(
    'http_connections_replaced_total',
    'Idle connections that were closed to make room for new ones.',
    () => connections.replaced,
  );
  gauge(
    'http_connections_refused_total',
    'New connections that were closed at once, since no idle one could make room.',
    () => connections.refused,
  );
  const limit = descriptors?.limit ?? null;
  if (descriptors === undefined || limit === null) return;
  gauge('process_max_fds', 'Files and sockets that may be open.', () => limit);
  if (descriptors.open() === null) return;
  gauge('process_open_fds', 'Files and sockets that are open.', () => descriptors.open() ?? 0);
}
