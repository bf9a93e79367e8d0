/** Whether a certificate is that of one server of one cluster. */
import type { ServerId } from '../../machines/rules/entries.ts';

/** Null when it names exactly that server. */
export function certificateRefusal(
  { subjectaltname }: { readonly subjectaltname?: string | undefined },
  clusterId: string,
  id: ServerId,
): string | null {
  const wanted = `URI:statecraft:${clusterId}:${id}`;
  const names = subjectaltname?.includes('"') ? [] : (subjectaltname?.split(', ') ?? []);
  return names.includes(wanted) ? null : `The certificate of server ${id} does not name it.`;
}
