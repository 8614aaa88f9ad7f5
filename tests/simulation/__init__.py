"""Deterministic simulation of a union: the real consensus core on virtual time, wire and disk.

One seed fixes everything that happens. Read in this order: `schedule` (time), `network` (the
wire), `disk` (what a crash leaves), `ledger` (a toy executor), `member` (the shell that performs
the core's effects), `adversaries/` (members that lie), `faults` (what goes wrong, from the seed),
`invariants` (what must never go wrong), `simulation` (one run), `runner` (many).

    python -m tests.simulation --seeds 0:1000 --members 4 --faults all
"""
