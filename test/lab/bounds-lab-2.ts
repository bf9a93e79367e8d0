/**
 * The numbers of lab 2 (MIT 6.824, edition of 2023), each test's beside its name. Milliseconds are
 * of virtual time. They are the course's own, unless a comment says that one is ours.
 */

/** What holds in every test. */
export const COURSE = {
  /** Generous on purpose: a leader must be there within a few of these. */
  electionTimeoutMs: 1_000,
  wholeTestMs: 120_000,

  leaderTries: 10,
  leaderPauseMs: 450,
  leaderPauseRandomMsEnd: 100,

  agreementMs: 10_000,
  startMs: 2_000,
  agreementPollMs: 20,
  restartPauseMs: 50,

  waitPolls: 30,
  waitFirstMs: 10,
  waitDoublesBelowMs: 1_000,
} as const;

export const LAB_2 = {
  TestInitialElection2A: { servers: 3, settleMs: 50, termMin: 1, quietMs: 2_000 },
  TestReElection2A: { servers: 3, noQuorumMs: 2_000 },
  TestManyElections2A: { servers: 7, rounds: 9, cut: 3 },

  TestBasicAgree2B: { servers: 3, commands: 3 },
  TestRPCBytes2B: { servers: 3, commands: 10, commandBytes: 5_000, overheadBytesMax: 50_000 },
  TestFollowerFailure2B: { servers: 3, pauseMs: 1_000, noQuorumMs: 2_000, lastIndex: 4 },
  TestLeaderFailure2B: { servers: 3, pauseMs: 1_000, noQuorumMs: 2_000, lastIndex: 4 },
  TestFailAgree2B: { servers: 3, pauseMs: 1_000 },
  TestFailNoAgree2B: { servers: 5, noQuorumMs: 2_000, index: 2, healedIndexMax: 3 },
  TestConcurrentStarts2B: { servers: 3, starts: 5, tries: 5, settleMs: 3_000 },
  TestRejoin2B: { servers: 3, uncommitted: 3 },
  // `roundsMax` is ours: requests that may arrive at a server between its coming back, with fifty
  // wrong entries, and the next agreement. The course bounds only the time, in which a network that
  // answers within 2 ms would let one request per entry pass.
  TestBackup2B: { servers: 5, commands: 50, pauseMs: 500, roundsMax: 20 },
  TestCount2B: {
    servers: 3,
    commands: 10,
    tries: 5,
    settleMs: 3_000,
    electionCallsMin: 1,
    electionCallsMax: 30,
    agreementCallsMax: (10 + 1 + 3) * 3,
    idleMs: 1_000,
    idleCallsMax: 3 * 20,
  },

  TestPersist12C: { servers: 3 },
  TestPersist22C: { servers: 5, rounds: 5, pauseMs: 1_000 },
  TestPersist32C: { servers: 3 },
  TestFigure82C: { servers: 5, rounds: 1_000, aliveMin: 3, longPause: 0.1, longMsEnd: 500 },
  TestUnreliableAgree2C: { servers: 5, rounds: 49, concurrent: 4 },
  TestFigure8Unreliable2C: {
    servers: 5,
    rounds: 1_000,
    reorderingFrom: 200,
    aliveMin: 3,
    cut: 0.5,
    longPause: 0.1,
    longMsEnd: 500,
  },
  TestReliableChurn2C: { servers: 5, clients: 3, rounds: 20, roundMs: 700, settleMs: 1_000 },
  TestUnreliableChurn2C: { servers: 5, clients: 3, rounds: 20, roundMs: 700, settleMs: 1_000 },

  TestSnapshotBasic2D: { servers: 3, rounds: 30, logBytesEnd: 2_000 },
  TestSnapshotInstall2D: { servers: 3, rounds: 30, logBytesEnd: 2_000 },
  TestSnapshotInstallUnreliable2D: { servers: 3, rounds: 30, logBytesEnd: 2_000 },
  TestSnapshotInstallCrash2D: { servers: 3, rounds: 30, logBytesEnd: 2_000 },
  TestSnapshotInstallUnCrash2D: { servers: 3, rounds: 30, logBytesEnd: 2_000 },
  TestSnapshotAllCrash2D: { servers: 3, rounds: 5 },
  TestSnapshotInit2D: { servers: 3, commands: 11 },
} as const;
