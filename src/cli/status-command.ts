/** `statecraft status`: all servers in one table, with how far each trails the leader. */
import { connect, type EndpointStatus } from '../client/index.ts';
import { printable } from '../formats/printable.ts';
import type { StatusBody } from '../service/status-route.ts';
import {
  CLIENT_OPTIONS,
  type ClientOptions,
  connectionOf,
  outputOption,
} from './client-options.ts';
import type { CommandDetails } from './command-table.ts';
import { EXIT, ExitError } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';

const HEADER = ['ENDPOINT', 'ID', 'ROLE', 'TERM', 'LEADER', 'COMMIT', 'APPLIED', 'LAST'].concat([
  ...['SNAPSHOT', 'TRAILS LEADER BY', 'UPTIME', 'VERSION', 'PID'],
]);

export const STATUS_COMMAND: CommandDetails = {
  options: { ...CLIENT_OPTIONS, ...outputOption('table') },
  examples: [
    'statecraft status',
    'statecraft status -o simple             # a line for each server',
    'statecraft status -o json --endpoints 10.0.0.1:7101,10.0.0.2:7101',
  ],
  runCommandLine: showStatus,
};

async function showStatus(options: ClientOptions): Promise<void> {
  const { servers } = await connectionOf(options);
  const client = connect({ ...servers, session: false });
  const answers = await client.status({ timeoutMs: options.timeout });
  await client.close();
  if (options.output === 'json') printJson(answers);
  else if (options.output === 'simple') for (const answer of answers) printLine(statusLine(answer));
  else printTable(HEADER, rowsOf(answers));
  if (answers.every(({ status }) => status === null)) {
    const [{ endpoint, problem } = { endpoint: '', problem: null }] = answers;
    const isSilent = /^(?:could not|did not|broke) /.test(problem ?? '');
    const hint = isSilent ? `${endpoint} ${problem}; is the cluster running?` : problem;
    throw new ExitError(EXIT.unreachable, `no server answers: ${hint}`);
  }
}

function statusLine({ endpoint, status, problem }: EndpointStatus): string {
  if (status === null) return printable(`${endpoint} ${problem}`);
  const { id, role, term, leader, appliedIndex } = status as unknown as StatusBody;
  const leads = leader === null ? 'knows no leader' : `leader ${leader}`;
  return printable(`${endpoint} ${id} ${role} term ${term} ${leads} applied ${appliedIndex}`);
}

function rowsOf(answers: readonly EndpointStatus[]): string[][] {
  const statuses = answers.map(({ status }) => status as StatusBody | null);
  const leaders = statuses.filter((status): status is StatusBody => status?.role === 'leader');
  const leader = leaders.sort((a, b) => b.term - a.term)[0] ?? null;
  return answers.map(({ endpoint, problem }, at) => {
    const status = statuses[at] ?? null;
    return status === null
      ? [endpoint, printable(problem ?? '')]
      : [endpoint, ...cellsOf(status, leader)];
  });
}

function cellsOf(status: StatusBody, leader: StatusBody | null): string[] {
  const { id, role, term, commitIndex, appliedIndex, lastLogIndex, snapshotIndex } = status;
  const uptime = `${Math.floor(status.uptimeMs / 1_000)}s`;
  const indexes = [commitIndex, appliedIndex, lastLogIndex, snapshotIndex];
  const rest = [trailsBy(status, leader), uptime, status.version, status.pid];
  return [id, role, term, status.leader ?? '-', ...indexes, ...rest].map(String);
}

function trailsBy(status: StatusBody, leader: StatusBody | null): string {
  if (leader === null) return 'no leader';
  if (leader.id === status.id) return '-';
  const lag = Math.max(0, leader.lastLogIndex - status.lastLogIndex);
  return `${lag} ${lag === 1 ? 'entry' : 'entries'}`;
}
