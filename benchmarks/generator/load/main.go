// Command load drives one system with a fixed number of clients and says what it achieved.
//
// The same loop for all of them: each client does one thing after another, the next as soon as it
// knows that the last one is final. Nothing counts in the first seconds; then everything counts
// that became final within the window. The answer is one JSON object on standard output.
//
//	load -target etcd     -endpoints 127.0.0.1:2379,...  -clients 40 -size 60
//	load -target cometbft -endpoints 127.0.0.1:26657,... -clients 40 -size 60
//	load -target ledger   -work FILE                     -clients 40
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	target := flag.String("target", "", "etcd, cometbft or ledger")
	endpoints := flag.String("endpoints", "", "host:port of each node, comma-separated (etcd, cometbft)")
	work := flag.String("work", "", "file of signed submissions (ledger, or cometbft with its contracts)")
	streams := flag.Int("streams", 0, "streams a node; 0: a request a submission (ledger)")
	count := flag.Int("clients", 40, "clients at once")
	size := flag.Int("size", 60, "bytes of a record (etcd, cometbft)")
	batch := flag.Int("batch", 1, "puts a transaction (etcd)")
	warm := flag.Duration("warm", time.Second, "time before anything counts")
	window := flag.Duration("window", 5*time.Second, "time in which what becomes final counts")
	flag.Parse()

	clients, err := open(*target, strings.Split(*endpoints, ","), *work, *count, *size, *streams, *batch)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	answer, err := json.Marshal(run(clients, *warm, *window))
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	fmt.Println(string(answer))
}

func open(target string, endpoints []string, work string, count, size, streams, batch int) ([]client, error) {
	switch target {
	case "etcd":
		return etcdClients(endpoints, count, size, batch)
	case "cometbft":
		if work != "" {
			return cometLedgerClients(endpoints, work, count)
		}
		return cometClients(endpoints, count, size)
	case "ledger":
		return ledgerClients(work, count, streams)
	}
	return nil, fmt.Errorf("-target %q: etcd, cometbft or ledger is asked for", target)
}
