/** The page: servers above, actors on the left, their chart in the middle, what happened on the right. */
import { Button, bound, Checkbox, Notice, setting } from '../../pages/controls.tsx';
import { PageHead } from '../../pages/page-head.tsx';
import { Tabs } from '../../pages/tabs.tsx';
import { ActorTree } from './actor-tree.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { ContextPanel } from './context-panel.tsx';
import { EventLog, LogFilter } from './event-log.tsx';
import { chooseFile, FILE_FIELD, openTrace, toggleRecording } from './files.ts';
import { InspectorHelp } from './inspector-help.tsx';
import type { PageSockets } from './page-sockets.ts';
import { SequenceDiagram } from './sequence-diagram.tsx';
import { Servers } from './servers.tsx';
import type { OfInspector } from './store.ts';
import { TimeBar } from './time-bar.tsx';
import { counted, mebibytes } from './times.ts';
import { TokenDialog } from './token-dialog.tsx';

export function InspectorPage({ store, sockets }: OfInspector & { readonly sockets: PageSockets }) {
  return (
    <div class="page">
      <PageHead page="inspector" actions={<Actions store={store} />} />
      <Notices store={store} />
      <main>
        <Servers store={store} />
        <TimeBar store={store} />
        <div class="body">
          <ActorTree store={store} />
          <section class="panel chart" aria-label="Statechart">
            <ChartPanel store={store} />
          </section>
          <section class="panel story" aria-label="Events and context">
            <OfActor store={store} />
          </section>
          <section class="panel messages" aria-label="Sequence of messages">
            <header class="panel-head">
              <h2>Messages</h2>
              <HeartbeatsSwitch store={store} />
            </header>
            <SequenceDiagram store={store} />
          </section>
        </div>
      </main>
      <TokenDialog store={store} sockets={sockets} />
      <InspectorHelp store={store} />
    </div>
  );
}

const TABS = [
  ['log', 'Events'],
  ['context', 'Context'],
] as const;

function OfActor({ store }: OfInspector) {
  const { server, tab, history } = store;
  return (
    <Tabs label="Of the chosen actor" tabs={TABS} {...bound(tab)}>
      {server === null && (
        <p class="soft empty">{history.isOfActors ? 'No actor yet.' : 'No server yet.'}</p>
      )}
      {server !== null && tab.value === 'log' && (
        <>
          <LogFilter store={store} />
          <EventLog store={store} server={server} />
        </>
      )}
      {server !== null && tab.value === 'context' && <ContextPanel store={store} />}
    </Tabs>
  );
}

function Actions({ store }: OfInspector) {
  return (
    <>
      <RecordButton store={store} />
      <Button onClick={chooseFile}>Open</Button>
      <input
        type="file"
        id={FILE_FIELD}
        hidden
        aria-label="Trace file"
        accept=".jsonl,.json,.txt"
        onChange={({ currentTarget }) => {
          void openTrace(store, currentTarget.files?.[0]);
          currentTarget.value = ''; // The same file may be chosen again.
        }}
      />
    </>
  );
}

function RecordButton({ store }: OfInspector) {
  const { recorded } = store;
  if (recorded === null) return <Button onClick={() => toggleRecording(store)}>Record</Button>;
  return (
    <Button class="is-recording" onClick={() => toggleRecording(store)}>
      Save {counted(recorded.count)} records
      <span class="soft">{recorded.isFull ? 'full' : mebibytes(recorded.characters)}</span>
    </Button>
  );
}

function HeartbeatsSwitch({ store: { history, showsHeartbeats } }: OfInspector) {
  if (history.isOfActors) return null;
  return <Checkbox {...bound(showsHeartbeats)}>Heartbeats</Checkbox>;
}

/** What could not be done, or was; which file is open. */
function Notices({ store }: OfInspector) {
  const { notice, denial, file, asksToken, live } = store;
  const back = live.isOfActors ? 'Back to the actors' : 'Back to the servers';
  return (
    <div class="notices" role="status">
      {notice.value !== null && (
        <Notice
          class={notice.value.isBad ? 'is-bad' : ''}
          actions={{ Dismiss: setting(notice, null) }}
        >
          {notice.value.text}
        </Notice>
      )}
      {denial.value !== null && (
        <Notice class="is-bad" actions={{ 'Show a token': setting(asksToken, true) }}>
          {denial.value}
        </Notice>
      )}
      {file.value !== null && (
        <Notice actions={{ [back]: () => store.closeFile() }}>
          This is the trace <b>{file.value}</b>, not what happens now.
        </Notice>
      )}
    </div>
  );
}
