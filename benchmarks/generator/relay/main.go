// Command relay makes wires between members as long as it is told: a TCP relay in front of each
// member's peer port, which holds back what passes, in either direction, by a delay.
//
//	relay 7001=127.0.0.1:8001 7002=127.0.0.1:8002 ...
//
// A line on standard input sets the delay, e.g. "20ms"; the answer is a line with the mean delay, in
// milliseconds, of what has passed since the last one. It ends with its input.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

const (
	chunk  = 64 * 1024
	queued = 1024 // chunks under way in one direction of a connection
)

var (
	delay  atomic.Int64 // nanoseconds
	passed atomic.Int64 // chunks
	late   atomic.Int64 // nanoseconds, of all chunks together
)

func main() {
	for _, wire := range os.Args[1:] {
		port, target, _ := strings.Cut(wire, "=")
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			fmt.Fprintln(os.Stderr, "relay:", err)
			os.Exit(1)
		}
		go accept(listener, target)
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		wanted, err := time.ParseDuration(lines.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, "relay:", err)
			os.Exit(1)
		}
		count, sum := passed.Swap(0), late.Swap(0)
		delay.Store(int64(wanted))
		fmt.Printf("%.3f\n", float64(sum)/float64(max(count, 1))/1e6)
	}
}

func accept(listener net.Listener, target string) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			far, err := net.Dial("tcp", target)
			if err != nil {
				near.Close() // the node is not up: its peer dials again
				return
			}
			go carry(near, far)
			go carry(far, near)
		}()
	}
}

type held struct {
	since time.Time
	data  []byte
}

// Bytes one way, in order; the end of one connection is the end of the other.
func carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	under := make(chan held, queued)
	go func() {
		defer close(under)
		for {
			buffer := make([]byte, chunk)
			count, err := from.Read(buffer)
			if count > 0 {
				under <- held{time.Now(), buffer[:count]}
			}
			if err != nil {
				return
			}
		}
	}()
	for each := range under {
		time.Sleep(time.Duration(delay.Load()) - time.Since(each.since))
		if _, err := to.Write(each.data); err != nil {
			from.Close()
			io.Copy(io.Discard, from)
			return
		}
		passed.Add(1)
		late.Add(int64(time.Since(each.since)))
	}
}
