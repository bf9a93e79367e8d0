// The load generator: drives one store from many callers, and reports what it saw.
//
//	load -store etcd|http|stream -endpoint ADDRESS
//
// Reads one load a line from standard input, as JSON, and answers each with one line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
)

// A store, as a load sees it. An error is anything but a definite answer.
type store interface {
	// Put returns when the value is applied, with the revision it got.
	Put(key string, value []byte) (revision int64, err error)
	// Get reads linearizably.
	Get(key string) (value []byte, err error)
}

func open(name, endpoint string) (store, error) {
	switch name {
	case "etcd":
		return openEtcd(endpoint)
	case "http":
		return openHTTP(endpoint), nil
	case "stream":
		return openStream(endpoint)
	}
	return nil, fmt.Errorf("there is no store %q: etcd, http, stream", name)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	name := flag.String("store", "http", "etcd, http or stream")
	endpoint := flag.String("endpoint", "", "where the leader is")
	flag.Parse()
	// Collecting less often leaves more of the machine to the servers.
	debug.SetGCPercent(400)
	target, err := open(*name, *endpoint)
	if err != nil {
		fail(err)
	}
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked load
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fail(err)
		}
		if err := answers.Encode(asked.run(target)); err != nil {
			fail(err)
		}
	}
}
