/** Terms, votes and leaders (§5.1, §5.2, §5.4.1): invariants 1, 11, 12, 18 and 19. */

import { memberIds } from '../../../machines/rules/configuration.ts';
import { isAtLeastAsUpToDate } from '../../../machines/rules/entries.ts';
import { hasQuorum } from '../../../machines/rules/quorum.ts';
import type { ServerStep } from './context.ts';

export function checkElections(step: ServerStep): void {
  checkTerm(step);
  checkVote(step);
  checkRole(step);
  checkCampaign(step);
  if (step.role === 'leader') checkLeader(step);
}

function checkTerm({ view, before, after, violate }: ServerStep): void {
  if (before !== null && after.currentTerm < before.currentTerm) {
    violate(
      'Term Never Falls',
      `server ${view.id} was in term ${before.currentTerm} and is now in term ${after.currentTerm}`,
    );
  }
  if (after.currentTerm < view.durable.term) {
    violate(
      'Term Never Falls',
      `server ${view.id} is in term ${after.currentTerm}, its disk holds term ${view.durable.term}`,
    );
  }
}

function checkVote({ view, before, after, violate, history }: ServerStep): void {
  const isSameTerm = before?.currentTerm === after.currentTerm;
  if (isSameTerm && before.votedFor !== null && after.votedFor !== before.votedFor) {
    violate(
      'One Vote Per Term',
      `server ${view.id} had voted for ${before.votedFor} in term ${after.currentTerm}, ` +
        `and now for ${after.votedFor ?? 'nobody'}`,
    );
  }
  const isNew = before !== null && after.votedFor !== null && !(isSameTerm && before.votedFor);
  if (!isNew || after.votedFor === view.id) return;
  const shown = history.campaigns.get(`${after.votedFor}/${after.currentTerm}`);
  if (shown !== undefined && !isAtLeastAsUpToDate(shown, after.log.last)) {
    violate(
      'One Vote Per Term',
      `server ${view.id} voted in term ${after.currentTerm} for ${after.votedFor}, whose log ends ` +
        `at (${shown.index}, term ${shown.term}); its own ends at ` +
        `(${after.log.last.index}, term ${after.log.last.term}) and is more up to date`,
    );
  }
}

/** Leader-only and candidate-only state exists exactly in that role. */
function checkRole({ view, after, role, violate }: ServerStep): void {
  const isWhole =
    (after.leadership !== null) === (role === 'leader') &&
    (after.campaign !== null) === (role === 'candidate');
  if (isWhole) return;
  violate(
    'One Role',
    `server ${view.id} is ${role}, with${after.leadership === null ? 'out' : ''} leadership and ` +
      `with${after.campaign === null ? 'out' : ''} campaign`,
  );
}

function checkCampaign({ view, before, after, violate, history }: ServerStep): void {
  const { campaign } = after;
  if (campaign === null || campaign === before?.campaign) return;
  const { votes, term } = campaign;
  const members = memberIds(after.log.configuration);
  const isVote = term === after.currentTerm;
  const wrong = votes.find(
    (id, at) =>
      votes.indexOf(id) !== at ||
      !members.includes(id) ||
      (isVote && id !== view.id && history.votes.get(`${id}/${term}`) !== view.id),
  );
  if (wrong !== undefined) {
    violate(
      'Distinct Votes',
      `candidate ${view.id} counts [${votes.join(', ')}] for term ${term}; ${wrong} is counted ` +
        'twice, is no member or has not granted it',
    );
  }
}

function checkLeader({ view, after, hasLed, history, violate, views }: ServerStep): void {
  const term = after.currentTerm;
  const known = history.noteLeader(term, view.runName);
  if (known !== view.runName) {
    violate('Election Safety', `term ${term} has two leaders: ${known} and ${view.runName}`);
  }
  if (hasLed) return;
  const voters = views
    .filter(({ id, durable }) =>
      id === view.id
        ? durable.term === term && durable.votedFor === id
        : history.votes.get(`${id}/${term}`) === view.id,
    )
    .map(({ id }) => id);
  if (!hasQuorum(after.log.configuration, voters)) {
    violate(
      'Distinct Votes',
      `server ${view.id} leads term ${term} with the durable votes of [${voters.join(', ')}] only`,
    );
  }
}
