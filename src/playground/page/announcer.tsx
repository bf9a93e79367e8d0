/** Tells those who hear the page what matters: who leads, who is down. Politely, and not too often. */
import { useSettled } from '../../pages/timed.ts';
import { actionSentence } from '../action.ts';
import { currentLeader } from './frame-facts.ts';
import type { OfPlayground } from './store.ts';

const SAID_AFTER_MS = 500;

export function Announcer({ store: { player, loop } }: OfPlayground) {
  const { number, action, servers } = loop.frameOf('others');
  const leader = currentLeader(servers);
  const leads = leader === null ? 'Nobody leads' : `${leader.id} leads term ${leader.currentTerm}`;
  const down = servers.filter(({ condition }) => condition === 'down').map(({ id }) => id);
  const situation = down.length === 0 ? leads : `${leads}; down: ${down.join(', ')}`;
  const deed = action === null ? '' : `${actionSentence(action)}. `;
  const place = player.isPlaying.value ? '' : `Event ${number}. `;
  return (
    <p class="visually-hidden" aria-live="polite">
      {useSettled(`${place}${deed}${situation}.`, SAID_AFTER_MS, '')}
    </p>
  );
}
