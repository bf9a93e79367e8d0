/** The page: servers above, actors on the left, their chart in the middle, what happened on the right. */
import { Tabs } from '../../pages/tabs.tsx';
import { ThemeSwitch } from '../../pages/theme-switch.tsx';
import { ActorTree } from './actor-tree.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { Context } from './context.tsx';
import type { Desk } from './desk.ts';
import { EventLog } from './event-log.tsx';
import { FILE_FIELD, openTrace } from './files.ts';
import { Help } from './help.tsx';
import type { Commands } from './keyboard.ts';
import { LogFilter } from './log-filter.tsx';
import { SequenceDiagram } from './sequence-diagram.tsx';
import { Servers } from './servers.tsx';
import { Still } from './still.tsx';
import { Timeline } from './timeline.tsx';
import { counted, mebibytes } from './times.ts';
import { TokenDialog } from './token-dialog.tsx';

interface PageProps {
  readonly desk: Desk;
  readonly commands: Commands;
}

export function Page({ desk, commands }: PageProps) {
  const { view, story, server } = desk;
  const second = Math.floor(performance.now() / 1_000);
  const { version } = story;
  return (
    <div class="page">
      <Head desk={desk} commands={commands} />
      <main>
        <Still until={[version, view.server, view.position, second]}>
          {() => <Servers desk={desk} />}
        </Still>
        <Timeline desk={desk} />
        <div class="body">
          <Still until={[version, view.server, view.actor, view.position]}>
            {() => <ActorTree desk={desk} />}
          </Still>
          <section class="panel chart" aria-label="Statechart">
            <ChartPanel desk={desk} />
          </section>
          <section class="panel story" aria-label="Events and context">
            <Tabs
              label="Of the chosen actor"
              tabs={TABS}
              chosen={view.tab}
              onChoose={(tab) => desk.show({ tab })}
            >
              {server === null && (
                <p class="soft empty">{story.isOfActors ? 'No actor yet.' : 'No server yet.'}</p>
              )}
              {server !== null && view.tab === 'log' && (
                <>
                  <LogFilter desk={desk} server={server} />
                  <EventLog desk={desk} server={server} />
                </>
              )}
              {server !== null && view.tab === 'context' && <Context desk={desk} />}
            </Tabs>
          </section>
          <section class="panel messages" aria-label="Sequence of messages">
            <header class="panel-head">
              <h2>Messages</h2>
              {!story.isOfActors && <HeartbeatsSwitch desk={desk} />}
            </header>
            <SequenceDiagram desk={desk} />
          </section>
        </div>
      </main>
      {view.denial !== null && view.asksToken && (
        <TokenDialog
          denial={view.denial}
          onToken={commands.showToken}
          onClose={() => desk.show({ asksToken: false })}
        />
      )}
      {view.isHelpOpen && (
        <Help isOfActors={story.isOfActors} onClose={() => desk.show({ isHelpOpen: false })} />
      )}
    </div>
  );
}

const TABS = [
  { name: 'log', title: 'Events' },
  { name: 'context', title: 'Context' },
] as const;

function Head({ desk, commands }: PageProps) {
  const { recording } = desk;
  return (
    <header class="head">
      <h1>
        Statecraft <span class="soft">inspector</span>
      </h1>
      <div class="head-actions">
        <button
          type="button"
          class={`button ${recording === null ? '' : 'is-recording'}`}
          onClick={commands.record}
        >
          {recording === null ? 'Record' : `Save ${counted(recording.count)} records`}
          {recording !== null && (
            <span class="soft">{recording.isFull ? 'full' : mebibytes(recording.characters)}</span>
          )}
        </button>
        <button type="button" class="button" onClick={commands.open}>
          Open
        </button>
        <input
          type="file"
          id={FILE_FIELD}
          hidden
          aria-label="Trace file"
          accept=".jsonl,.json,.txt"
          onChange={({ currentTarget }) => {
            void openTrace(desk, currentTarget.files?.[0]);
            currentTarget.value = ''; // The same file may be chosen again.
          }}
        />
        <ThemeSwitch />
        <button
          type="button"
          class="button is-square"
          aria-label="Help"
          onClick={() => desk.show({ isHelpOpen: true })}
        >
          ?
        </button>
      </div>
      <Notices desk={desk} />
    </header>
  );
}

function HeartbeatsSwitch({ desk }: { readonly desk: Desk }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={desk.view.showsHeartbeats}
        onChange={({ currentTarget }) => desk.show({ showsHeartbeats: currentTarget.checked })}
      />
      Heartbeats
    </label>
  );
}

/** What could not be done, or was; which file is open. */
function Notices({ desk }: { readonly desk: Desk }) {
  const { notice, denial, file } = desk.view;
  return (
    <div class="notices" role="status">
      {notice !== null && (
        <p class={`notice ${notice.isBad ? 'is-bad' : ''}`}>
          <span>{notice.text}</span>
          <button
            type="button"
            class="button is-quiet is-small"
            onClick={() => desk.show({ notice: null })}
          >
            Dismiss
          </button>
        </p>
      )}
      {denial !== null && (
        <p class="notice is-bad">
          <span>{denial}</span>
          <button
            type="button"
            class="button is-small"
            onClick={() => desk.show({ asksToken: true })}
          >
            Show a token
          </button>
        </p>
      )}
      {file !== null && (
        <p class="notice">
          <span>
            This is the trace <b>{file}</b>, not what happens now.
          </span>
          <button type="button" class="button is-small" onClick={() => desk.closeFile()}>
            {desk.live.isOfActors ? 'Back to the actors' : 'Back to the servers'}
          </button>
        </p>
      )}
    </div>
  );
}
