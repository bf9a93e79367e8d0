/** The top of the page: which run this is, another one, and a link to it. */

import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { Button, bound, Labelled, Select, TextField } from '../../pages/controls.tsx';
import { PageHead } from '../../pages/page-head.tsx';
import { setFor } from '../../pages/timed.ts';
import { quoted, SERVERS_MAX } from '../action.ts';
import { SCENARIOS } from '../scenarios/index.ts';
import { copyLink } from './address.ts';
import type { OfPlayground } from './store.ts';

const SEED_MAX = 999_999_999;
const OPTIONS: readonly (readonly [id: string, title: string])[] = [
  ['', 'None: a free run'],
  ...SCENARIOS.map(({ id, title }) => [id, title] as const),
];

export function Header({ store }: OfPlayground) {
  const choice = store.choice.value;
  return (
    <PageHead page="playground" actions={<ShareButton store={store} />}>
      <Labelled label="Scenario">
        <Select
          value={choice.scenario ?? ''}
          options={OPTIONS}
          onChoose={(id) => store.run({ ...choice, scenario: id || null })}
        />
      </Labelled>
      {choice.scenario === null && <ServersChoice store={store} />}
      {choice.scenario === null && <SeedForm store={store} />}
    </PageHead>
  );
}

function ServersChoice({ store }: OfPlayground) {
  const choice = store.choice.value;
  const { servers } = choice;
  const step = (by: 1 | -1, label: string, text: string) => (
    <Button
      class="is-square"
      aria-label={label}
      disabled={servers + by < 1 || servers + by > SERVERS_MAX}
      onClick={() => store.run({ ...choice, servers: servers + by })}
    >
      {text}
    </Button>
  );
  return (
    <fieldset class="choice">
      <legend class="label">Servers</legend>
      {step(-1, 'One server fewer', '−')}
      <output aria-label="Number of servers">{servers}</output>
      {step(1, 'One server more', '+')}
    </fieldset>
  );
}

function SeedForm({ store }: OfPlayground) {
  const choice = store.choice.value;
  const { seed } = choice;
  const text = useSignal(String(seed));
  // Not after the next picture: somebody may be typing by then.
  useLayoutEffect(() => {
    text.value = String(seed);
  }, [seed]);
  const typed = Number(text.value);
  const isAny = text.value.trim() === '';
  const isBad = !isAny && !(Number.isInteger(typed) && typed >= 0 && typed <= SEED_MAX);
  const begin = (wanted: number) => {
    if (!isBad) void store.run({ ...choice, seed: isAny ? randomSeed() : wanted });
    else {
      const range = `a whole number from 0 to ${SEED_MAX}`;
      store.complaint.value = `A run needs a seed, ${range}, not ${quoted(text.value)}.`;
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    begin(typed);
  };
  return (
    <form class="choice" onSubmit={submit}>
      <Labelled label="Seed">
        <TextField class="seed" inputMode="numeric" isInvalid={isBad} {...bound(text)} />
      </Labelled>
      <Button
        title="The same cluster, with the seed typed or else with another one"
        onClick={() => begin(typed === seed ? randomSeed() : typed)}
      >
        New run
      </Button>
    </form>
  );
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 10_000);
}

const SAID_MS = 2_500;

function ShareButton({ store }: OfPlayground) {
  const said = useSignal<string | null>(null);
  return (
    <Button
      class="share"
      title="A link to this very moment"
      onClick={async () => setFor(said, await copyLink(store), SAID_MS)}
    >
      <span aria-live="polite">{said.value ?? 'Copy link'}</span>
    </Button>
  );
}
