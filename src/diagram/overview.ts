/**
 * The server machine in one glance, as Figure 4 of the paper draws it: the three roles, and in a few
 * words what leads from one to the next. The arrows come from the machine; only the words are here.
 */
import { bundlesOf } from './bundles.ts';
import type { ChartState } from './chart.ts';
import { mermaidIds } from './mermaid-text.ts';

/** In the order they are said. An arrow that has no words yet is shown by its label. */
const words: Readonly<Record<string, string>> = {
  'after electionTimeout': 'election timeout',
  'after electionTimeoutRest': 'election timeout',
  'after lostLeaderWait': 'leader lost',
  'TimeoutNow [mayCampaignAtOnce] → vote': 'handed over',
  '[wonElection]': 'majority of votes',
  'rpc.received [else mayAdoptTerm]': 'newer term',
  'RequestVote [mayGrantVote]': 'grants a vote',
  AppendEntries: 'word from a leader',
  InstallSnapshot: 'word from a leader',
  'after electionTimeoutMin': 'no majority hears it',
};

export function overviewDiagram(root: ChartState): string {
  const lines = ['stateDiagram-v2', '  direction LR'];
  const ids = mermaidIds(root);
  const mermaidId = (id: string) => ids.get(id);
  if (root.initial !== null) lines.push(`  [*] --> ${mermaidId(root.initial)}`);
  for (const { id, key, states } of root.states) {
    lines.push(`  state "${key}" as ${mermaidId(id)}`);
    lines.push(`  ${mermaidId(id)} : ${states.map((state) => state.key).join(' · ')}`);
  }
  for (const { within, from, to, labels } of bundlesOf(root)) {
    if (within !== root.id) continue;
    const order = Object.keys(words);
    const sorted = [...labels].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const said = [...new Set(sorted.map((label) => words[label] ?? label))];
    lines.push(`  ${mermaidId(from)} --> ${mermaidId(to)} : ${said.join('<br/>')}`);
  }
  return `${lines.join('\n')}\n`;
}
