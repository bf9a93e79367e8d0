/** Which moment the page shows: the present, or one of the past. */
import { Button } from '../../pages/controls.tsx';
import './time-bar.css';
import type { OfInspector } from './store.ts';
import { counted, exactTime } from './times.ts';

const STEPS = 1_000;

export function TimeBar({ store }: OfInspector) {
  const { span } = store.history;
  const { fromMs, untilMs } = span ?? { fromMs: 0, untilMs: 0 };
  const position = store.position.value;
  const isLive = position === null;
  const isFile = store.file.value !== null;
  const hasBegun = span !== null;
  const atMs = position?.atMs ?? untilMs;
  const share = untilMs === fromMs ? 1 : (atMs - fromMs) / (untilMs - fromMs);
  const slide = (value: number) => {
    if (value === STEPS && !isFile) store.goLive();
    else store.seek(fromMs + ((untilMs - fromMs) * value) / STEPS);
  };
  const step = (by: 1 | -1, label: string, text: string) => (
    <Button
      class="is-square"
      aria-label={label}
      disabled={by === 1 ? isLive : !hasBegun}
      onClick={() => store.step(by)}
    >
      {text}
    </Button>
  );
  return (
    <section class="timeline" aria-label="Time">
      <Button
        class={isLive || isFile ? '' : 'is-primary'}
        disabled={!hasBegun}
        onClick={() => store.toggleTime()}
      >
        {store.isGoing ? 'Pause' : isFile ? 'Play' : 'Live'}
      </Button>
      {step(-1, 'Previous event of this actor', '←')}
      {step(1, 'Next event of this actor', '→')}
      <input
        type="range"
        min={0}
        max={STEPS}
        value={Math.round(Math.max(0, Math.min(1, share)) * STEPS)}
        disabled={!hasBegun}
        aria-label="HistoryEntry shown"
        aria-valuetext={isLive ? 'the present' : exactTime(atMs)}
        onInput={({ currentTarget }) => slide(currentTarget.valueAsNumber)}
      />
      <p class="timeline-words" role="status">
        {!hasBegun && <span class="soft">waiting</span>}
        {hasBegun && isLive && <span class="live">{isFile ? 'end' : 'live'}</span>}
        {hasBegun && !isLive && (
          <>
            <time class="number">{exactTime(atMs)}</time>
            <span class="soft">
              {!isFile && store.since > 0 && ` +${counted(store.since)} events`}
            </span>
          </>
        )}
      </p>
    </section>
  );
}
