package main

import (
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A load: callers that each wait for an answer before they ask again, or, with a rate, calls that
// begin at fixed times whether or not earlier ones were answered.
type load struct {
	// put, get, or fill: every key is put once, those before From excepted.
	Operation string  `json:"operation"`
	Callers   int     `json:"callers"`
	Seconds   float64 `json:"seconds"`
	// Calls a second; 0 is as many as are answered. Callers is then how many may be under way.
	Rate float64 `json:"rate"`
	// So many calls, however long they take; 0 is as many as Seconds allow.
	Count int `json:"count"`
	From  int `json:"from"`
	Keys  int `json:"keys"`
	Bytes int `json:"bytes"`
}

// What a load saw. Latencies are of calls that were answered; those of a rate count from the time
// at which the call should have begun.
type result struct {
	Operations int     `json:"operations"`
	Seconds    float64 `json:"seconds"`
	Errors     int     `json:"errors"`
	FirstError string  `json:"firstError"`
	P50Ms      float64 `json:"p50Ms"`
	P99Ms      float64 `json:"p99Ms"`
	MostMs     float64 `json:"mostMs"`
	// Processor time of this process.
	ClientSeconds float64 `json:"clientSeconds"`
}

// A caller's own numbers, so that callers share nothing while they measure.
type caller struct {
	id        int
	random    uint64
	value     []byte
	latencies []time.Duration
	errors    int
	first     error
	revisions struct{ least, most int64 }
}

func (l load) run(target store) result {
	callers := make([]*caller, l.Callers)
	for id := range callers {
		callers[id] = &caller{id: id, random: uint64(id)*0x9e3779b97f4a7c15 + 1, value: make([]byte, l.Bytes)}
		for at := range callers[id].value {
			callers[id].value[at] = byte('a' + (at+id)%26)
		}
	}
	runtime.GC()
	before, startedAt := processorTime(), time.Now()
	switch {
	case l.Operation == "fill":
		l.counted(target, callers, l.Keys-l.From, func(_ *caller, begun int) int { return l.From + begun })
	case l.Count > 0:
		l.counted(target, callers, l.Count, func(c *caller, _ int) int { return c.next(l.Keys) })
	case l.Rate > 0:
		l.open(target, callers, startedAt)
	default:
		l.closed(target, callers, startedAt)
	}
	elapsed := time.Since(startedAt)
	found := summary(callers, l.Operation != "get")
	found.Seconds, found.ClientSeconds = elapsed.Seconds(), (processorTime() - before).Seconds()
	return found
}

// Each caller asks again as soon as it was answered.
func (l load) closed(target store, callers []*caller, startedAt time.Time) {
	until := startedAt.Add(time.Duration(l.Seconds * float64(time.Second)))
	each(callers, func(c *caller) {
		for now := time.Now(); now.Before(until); {
			now = c.call(target, l.Operation, c.next(l.Keys), now)
		}
	})
}

func (l load) counted(target store, callers []*caller, count int, key func(*caller, int) int) {
	operation := l.Operation
	if operation == "fill" {
		operation = "put"
	}
	begun := int64(-1)
	each(callers, func(c *caller) {
		for at := atomic.AddInt64(&begun, 1); at < int64(count); at = atomic.AddInt64(&begun, 1) {
			c.call(target, operation, key(c, int(at)), time.Now())
		}
	})
}

// Calls are due at equal distances. Go's timers are a millisecond coarse when nothing else runs, so
// a thread of its own sleeps until calls are due.
func (l load) open(target store, callers []*caller, startedAt time.Time) {
	due := make(chan time.Time, int(l.Rate*l.Seconds)+1)
	go func() {
		runtime.LockOSThread()
		total := int(l.Rate * l.Seconds)
		for begun := 0; begun < total; {
			at := startedAt.Add(time.Duration(float64(begun) / l.Rate * float64(time.Second)))
			if wait := time.Until(at); wait > 0 {
				sleep := syscall.NsecToTimespec(int64(wait + 100*time.Microsecond))
				_ = syscall.Nanosleep(&sleep, nil)
				continue
			}
			due <- at
			begun++
		}
		close(due)
	}()
	each(callers, func(c *caller) {
		for at := range due {
			c.call(target, l.Operation, c.next(l.Keys), at)
		}
	})
}

func each(callers []*caller, do func(*caller)) {
	var all sync.WaitGroup
	all.Add(len(callers))
	for _, c := range callers {
		go func(c *caller) {
			defer all.Done()
			do(c)
		}(c)
	}
	all.Wait()
}

// A key at random (xorshift).
func (c *caller) next(keys int) int {
	c.random ^= c.random << 13
	c.random ^= c.random >> 7
	c.random ^= c.random << 17
	return int(c.random % uint64(keys))
}

func (c *caller) call(target store, operation string, key int, from time.Time) time.Time {
	name := fmt.Sprintf("key-%07d", key)
	var err error
	if operation == "get" {
		var value []byte
		value, err = target.Get(name)
		if err == nil && (len(value) != len(c.value) || string(value[:len(name)]) != name) {
			err = fmt.Errorf("%s is %q", name, value)
		}
	} else {
		var revision int64
		// So that a read can tell whether it was given what it asked for.
		copy(c.value, name)
		revision, err = target.Put(name, c.value)
		if err == nil {
			c.saw(revision)
		}
	}
	now := time.Now()
	if err != nil {
		if c.errors++; c.first == nil {
			c.first = err
		}
		return now
	}
	c.latencies = append(c.latencies, now.Sub(from))
	return now
}

func (c *caller) saw(revision int64) {
	if c.revisions.least == 0 || revision < c.revisions.least {
		c.revisions.least = revision
	}
	if revision > c.revisions.most {
		c.revisions.most = revision
	}
}

func summary(callers []*caller, isPut bool) result {
	var all []time.Duration
	var found result
	var least, most int64
	for _, c := range callers {
		all = append(all, c.latencies...)
		found.Errors += c.errors
		if found.FirstError == "" && c.first != nil {
			found.FirstError = c.first.Error()
		}
		if c.revisions.least > 0 && (least == 0 || c.revisions.least < least) {
			least = c.revisions.least
		}
		if c.revisions.most > most {
			most = c.revisions.most
		}
	}
	// Every put is a revision of its own: fewer revisions are puts that were not made.
	if isPut && most-least+1 < int64(len(all)) {
		found.Errors++
		found.FirstError = fmt.Sprintf("%d puts, and %d revisions", len(all), most-least+1)
	}
	sort.Slice(all, func(one, other int) bool { return all[one] < all[other] })
	found.Operations = len(all)
	if len(all) > 0 {
		found.P50Ms, found.P99Ms = at(all, 0.5), at(all, 0.99)
		found.MostMs = at(all, 1)
	}
	return found
}

func at(sorted []time.Duration, share float64) float64 {
	place := int(float64(len(sorted)) * share)
	if place >= len(sorted) {
		place = len(sorted) - 1
	}
	return float64(sorted[place].Nanoseconds()) / 1e6
}

func processorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
