/** The top of the page: which run this is, another one, and a link to it. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ThemeSwitch } from '../../pages/theme-switch.tsx';
import { quoted, SERVERS_MAX } from '../action.ts';
import type { RunChoice } from './run.ts';

const SEED_MAX = 999_999_999;

export function Header({
  choice,
  scenarios,
  onRun,
  onShare,
  onHelp,
  onSay,
}: {
  readonly choice: RunChoice;
  readonly scenarios: readonly { readonly id: string; readonly title: string }[];
  readonly onRun: (choice: RunChoice) => void;
  /** Resolves with what came of it. */
  readonly onShare: () => Promise<string>;
  readonly onHelp: () => void;
  /** To say what is wrong. */
  readonly onSay: (complaint: string) => void;
}) {
  return (
    <header class="page-head">
      <h1>
        Statecraft <span class="soft">playground</span>
      </h1>
      <label class="choice">
        <span class="label">Scenario</span>
        <select
          class="field"
          value={choice.scenario ?? ''}
          onChange={({ currentTarget }) =>
            onRun({ ...choice, scenario: currentTarget.value === '' ? null : currentTarget.value })
          }
        >
          <option value="">None: a free run</option>
          {scenarios.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {choice.scenario === null && <FreeRun choice={choice} onRun={onRun} onSay={onSay} />}
      <span class="page-head-end">
        <Share onShare={onShare} />
        <ThemeSwitch />
        <button
          type="button"
          class="button is-square"
          aria-label="Help and shortcuts"
          aria-keyshortcuts="?"
          onClick={onHelp}
        >
          ?
        </button>
      </span>
    </header>
  );
}

function FreeRun({
  choice,
  onRun,
  onSay,
}: {
  readonly choice: RunChoice;
  readonly onRun: (choice: RunChoice) => void;
  readonly onSay: (complaint: string) => void;
}) {
  const { servers, seed } = choice;
  const [text, setText] = useState(String(seed));
  // Not after the next picture: somebody may be typing by then.
  useLayoutEffect(() => setText(String(seed)), [seed]);
  const typed = Number(text);
  const isAny = text.trim() === '';
  const isSeed = !isAny && Number.isInteger(typed) && typed >= 0 && typed <= SEED_MAX;
  const begin = (seedTyped: number) => {
    if (isSeed || isAny) onRun({ ...choice, seed: isAny ? randomSeed() : seedTyped });
    else
      onSay(`A run needs a seed, a whole number from 0 to ${SEED_MAX}, and not ${quoted(text)}.`);
  };
  return (
    <>
      <fieldset class="choice">
        <legend class="label">Servers</legend>
        <button
          type="button"
          class="button is-square"
          aria-label="One server fewer"
          disabled={servers <= 1}
          onClick={() => onRun({ ...choice, servers: servers - 1 })}
        >
          −
        </button>
        <output aria-label="Number of servers">{servers}</output>
        <button
          type="button"
          class="button is-square"
          aria-label="One server more"
          disabled={servers >= SERVERS_MAX}
          onClick={() => onRun({ ...choice, servers: servers + 1 })}
        >
          +
        </button>
      </fieldset>
      <form
        class="choice"
        onSubmit={(event) => {
          event.preventDefault();
          begin(typed);
        }}
      >
        <label class="choice">
          <span class="label">Seed</span>
          <input
            class="field seed"
            inputMode="numeric"
            aria-invalid={!isSeed && !isAny}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button
          type="button"
          class="button"
          title="The same cluster, by the seed typed or else by another one"
          onClick={() => begin(typed === seed ? randomSeed() : typed)}
        >
          New run
        </button>
      </form>
    </>
  );
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 10_000);
}

const SAID_MS = 2_500;

function Share({ onShare }: { readonly onShare: () => Promise<string> }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <button
      type="button"
      class="button share"
      title="A link to this very moment"
      onClick={async () => {
        setSaid(await onShare());
      }}
    >
      <span aria-live="polite">{said ?? 'Copy link'}</span>
    </button>
  );
}
