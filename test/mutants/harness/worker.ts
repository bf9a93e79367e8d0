/** A process that examines one mutant after another, as its parent tells it to. */
import { ChangedSource } from './changed-source.ts';
import { examine, pretendToBeVitest } from './examine.ts';
import type { Job, Outcome } from './job.ts';

pretendToBeVitest();
// What a broken server leaves behind may fail when its test is over; that is nobody's verdict.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', () => undefined);

const source = await ChangedSource.open();

process.on('message', (job: Job) => {
  examine(source, job).then(answer, (error: Error) =>
    answer({ verdict: 'accident', message: error.message }),
  );
});

function answer(outcome: Outcome): void {
  process.send?.(outcome);
}
