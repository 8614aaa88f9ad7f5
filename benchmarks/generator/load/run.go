package main

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"syscall"
	"time"
)

// A client does one thing until it is final. It is used by one goroutine.
type client interface {
	// once returns how many records became final. errOutOfWork: nothing is left to do;
	// errBusy: the system had no room, nothing was done; any other error counts as a failure.
	once() (records int, err error)
}

var (
	errOutOfWork = errors.New("no work left")
	errBusy      = errors.New("busy")
)

// How long a client rests that was turned away.
const rest = 20 * time.Millisecond

// What one run achieved. Seconds is the length of the window: shorter than asked for if a client
// ran out of work. TotalRecords counts what was final outside the window as well, so that it can be
// set against what the nodes' processes used during the whole run.
type result struct {
	Clients      int       `json:"clients"`
	Seconds      float64   `json:"seconds"`
	Operations   int       `json:"operations"`
	Records      int       `json:"records"`
	RecordsPerS  float64   `json:"records_per_s"`
	TotalRecords int       `json:"total_records"`
	TotalSeconds float64   `json:"total_seconds"`
	LatencyMs    quantiles `json:"latency_ms"`
	Busy         int       `json:"busy"`
	Failures     int       `json:"failures"`
	FirstFailure string    `json:"first_failure,omitempty"`
	OutOfWork    bool      `json:"out_of_work"`
	CPUSeconds   float64   `json:"client_cpu_s"`
}

type quantiles struct {
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// One thing done: when, and how long it took.
type done struct {
	at      time.Time
	took    time.Duration
	records int
}

type tally struct {
	done     []done
	busy     int
	failures int
	first    error
	ranOut   time.Time
}

func run(clients []client, warm, window time.Duration) result {
	before, began := cpuSeconds(), time.Now()
	from, until := began.Add(warm), began.Add(warm+window)
	tallies := make([]tally, len(clients))
	var everyone sync.WaitGroup
	for i := range clients {
		everyone.Add(1)
		go func() {
			defer everyone.Done()
			tallies[i].keepOn(clients[i], until)
		}()
	}
	everyone.Wait()
	return sum(tallies, began, from, until, cpuSeconds()-before)
}

func (t *tally) keepOn(c client, until time.Time) {
	for {
		start := time.Now()
		if !start.Before(until) {
			return
		}
		records, err := c.once()
		switch {
		case err == nil:
			now := time.Now()
			t.done = append(t.done, done{now, now.Sub(start), records})
		case errors.Is(err, errOutOfWork):
			t.ranOut = start
			return
		case errors.Is(err, errBusy):
			t.busy++
			time.Sleep(rest)
		default:
			t.failures++
			if t.first == nil {
				t.first = err
			}
			time.Sleep(rest)
		}
	}
}

func sum(tallies []tally, began, from, until time.Time, cpu float64) result {
	out := result{Clients: len(tallies), CPUSeconds: cpu, TotalSeconds: time.Since(began).Seconds()}
	for _, t := range tallies {
		if !t.ranOut.IsZero() && t.ranOut.Before(until) {
			until, out.OutOfWork = t.ranOut, true
		}
	}
	var took []time.Duration
	for _, t := range tallies {
		out.Busy += t.busy
		out.Failures += t.failures
		if t.first != nil && out.FirstFailure == "" {
			out.FirstFailure = t.first.Error()
		}
		for _, d := range t.done {
			out.TotalRecords += d.records
			if !d.at.Before(from) && d.at.Before(until) {
				out.Records += d.records
				took = append(took, d.took)
			}
		}
	}
	out.Operations = len(took)
	out.Seconds = until.Sub(from).Seconds()
	if out.Seconds > 0 {
		out.RecordsPerS = float64(out.Records) / out.Seconds
	}
	out.LatencyMs = quantilesOf(took)
	return out
}

func quantilesOf(took []time.Duration) quantiles {
	if len(took) == 0 {
		return quantiles{}
	}
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	return quantiles{at(0.10), at(0.50), at(0.95), at(0.99), at(1)}
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fmt.Fprintln(os.Stderr, "load: getrusage:", err)
		os.Exit(1)
	}
	return seconds(used.Utime) + seconds(used.Stime)
}

func seconds(t syscall.Timeval) float64 {
	return float64(t.Sec) + float64(t.Usec)/1e6
}
