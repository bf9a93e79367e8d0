/** Tells those who hear the page what matters: who leads, who is down. Politely, and not too often. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { actionSentence } from '../action.ts';
import type { Frame } from '../frame.ts';
import { leaderOf } from './frame-facts.ts';
import type { Stage } from './stage.ts';

const SAID_AFTER_MS = 500;

export function Announcer({ stage, frame }: { readonly stage: Stage; readonly frame: Frame }) {
  const said = useRef('');
  const [text, say] = useState('');
  const leader = leaderOf(frame);
  const leads = leader === null ? 'Nobody leads' : `${leader.id} leads term ${leader.currentTerm}`;
  const down = frame.servers.filter(({ condition }) => condition === 'down').map(({ id }) => id);
  const situation = down.length === 0 ? leads : `${leads}; down: ${down.join(', ')}`;
  const deed = frame.action === null ? '' : `${actionSentence(frame.action)}. `;
  const isStill = !stage.player.isPlaying;
  const place = isStill ? `Event ${frame.number}. ` : '';
  useEffect(() => {
    const next = `${place}${deed}${situation}.`;
    if (next === said.current) return;
    const timer = setTimeout(() => {
      said.current = next;
      say(next);
    }, SAID_AFTER_MS);
    return () => clearTimeout(timer);
  }, [place, deed, situation]);
  return (
    <p class="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}
