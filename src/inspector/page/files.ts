/** Trace files: saving what was recorded, and opening a file. */

import { historyOfTrace } from '../history.ts';
import { readTrace, TRACE_LIMITS, TraceError } from '../trace.ts';
import { TraceRecording } from '../trace-recording.ts';
import type { InspectorStore } from './store.ts';
import { counted, mebibytes } from './times.ts';

export const FILE_FIELD = 'trace-file';

/** Begins to record, or ends and saves what was recorded. */
export function toggleRecording(store: InspectorStore): void {
  const { recording, live, notice } = store;
  const { value: recorded } = recording;
  if (recorded === null) {
    recording.value = new TraceRecording(live.servers, Date.now());
    notice.value = null;
    return;
  }
  recording.value = null;
  const name = `statecraft-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jsonl`;
  save(name, new Blob([...recorded.parts], { type: 'application/jsonl' }));
  const size = `${counted(recorded.count)} records, ${mebibytes(recorded.characters)}`;
  const end = recorded.isFull ? '. It was full: what came later is not in it' : '';
  store.say(`Saved ${name}: ${size}${end}.`);
}

function save(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Opens the browser’s file chooser, by the field on the page. */
export function chooseFile(): void {
  document.getElementById(FILE_FIELD)?.click();
}

/** A file that is dropped anywhere on the page is opened. */
export function acceptDrops(store: InspectorStore): void {
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void openTrace(store, event.dataTransfer?.files[0]);
  });
}

/** Shows it, or says why it cannot be shown and leaves the page as it is. */
export async function openTrace(store: InspectorStore, file: File | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    // No character is longer than three bytes, so nothing larger could be read.
    if (file.size > 3 * TRACE_LIMITS.charactersMax) {
      const most = mebibytes(TRACE_LIMITS.charactersMax);
      throw new TraceError(0, `It has ${mebibytes(file.size)}; a trace has at most ${most}.`);
    }
    const trace = readTrace(await file.text());
    if (trace.lines.length === 0) throw new TraceError(0, 'It is a trace without any record.');
    store.openFile(historyOfTrace(trace), file.name);
  } catch (error) {
    const why = error instanceof TraceError ? error.message : 'It could not be read.';
    store.say(`${file.name} cannot be opened. ${why}`, true);
  }
}
