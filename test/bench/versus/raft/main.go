// The core of etcd alone: three servers of etcd/raft in one process, storage and wire in memory, as
// many proposals outstanding as asked. Prints commits a second.
//
//	raft -outstanding 64 -seconds 1
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"go.etcd.io/etcd/raft"
	"go.etcd.io/etcd/raft/raftpb"
)

const (
	payloadBytes = 256
	// As etcd sets them.
	bytesPerMessageMax = 1 << 20
	inflightMax        = 512
	// Statecraft's own bench forgets entries at once; this keeps as few as is cheap.
	compactAfter = 10_000
)

type server struct {
	id        uint64
	node      *raft.RawNode
	storage   *raft.MemoryStorage
	committed int
	compacted uint64
}

func start(id uint64) *server {
	storage := raft.NewMemoryStorage()
	// The configuration is as of a snapshot at index 1.
	members := raftpb.ConfState{Voters: []uint64{1, 2, 3}}
	first := raftpb.Snapshot{Metadata: raftpb.SnapshotMetadata{Index: 1, Term: 1, ConfState: members}}
	must(storage.ApplySnapshot(first))
	node, err := raft.NewRawNode(&raft.Config{
		ID:              id,
		ElectionTick:    10,
		HeartbeatTick:   1,
		Storage:         storage,
		Applied:         1,
		MaxSizePerMsg:   bytesPerMessageMax,
		MaxInflightMsgs: inflightMax,
		CheckQuorum:     true,
		PreVote:         true,
		Logger:          &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	})
	must(err)
	return &server{id: id, node: node, storage: storage, compacted: 1}
}

// Does what its server asks for, and returns the messages that it sends.
func (s *server) turn() []raftpb.Message {
	if !s.node.HasReady() {
		return nil
	}
	ready := s.node.Ready()
	if !raft.IsEmptyHardState(ready.HardState) {
		must(s.storage.SetHardState(ready.HardState))
	}
	must(s.storage.Append(ready.Entries))
	for _, entry := range ready.CommittedEntries {
		if len(entry.Data) > 0 {
			s.committed++
		}
		if entry.Index >= s.compacted+2*compactAfter {
			s.compacted = entry.Index - compactAfter
			must(s.storage.Compact(s.compacted))
		}
	}
	messages := ready.Messages
	s.node.Advance(ready)
	return messages
}

// A turn of each server; what they send arrives in the next one.
func turn(servers []*server, arriving []raftpb.Message) []raftpb.Message {
	for _, message := range arriving {
		must(servers[message.To-1].node.Step(message))
	}
	var sent []raftpb.Message
	for _, each := range servers {
		sent = append(sent, each.turn()...)
	}
	return sent
}

func main() {
	outstanding := flag.Int("outstanding", 64, "proposals that wait to be committed, at a time")
	seconds := flag.Float64("seconds", 1, "how long it is measured, after as long that is not")
	flag.Parse()
	servers := []*server{start(1), start(2), start(3)}
	leader := servers[0]
	must(leader.node.Campaign())
	var messages []raftpb.Message
	for leader.node.BasicStatus().RaftState != raft.StateLeader {
		messages = turn(servers, messages)
	}
	proposed := 0
	run := func() float64 {
		startedAt, before := time.Now(), leader.committed
		for time.Since(startedAt).Seconds() < *seconds {
			for ; proposed-leader.committed < *outstanding; proposed++ {
				must(leader.node.Propose(make([]byte, payloadBytes)))
			}
			messages = turn(servers, messages)
		}
		return float64(leader.committed-before) / time.Since(startedAt).Seconds()
	}
	run()
	fmt.Println(run())
	// A follower that fell behind would have been left out of what was measured.
	for _, each := range servers {
		if lag := leader.committed - each.committed; lag > 10**outstanding {
			fmt.Fprintf(os.Stderr, "server %d is %d commits behind\n", each.id, lag)
			os.Exit(1)
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
