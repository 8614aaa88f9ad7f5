"""Deterministic simulation of a union: the real consensus core on virtual time, wire and disk.

One seed fixes everything that happens. Read in this order: `schedule` and `clocks` (time),
`network` (the wire), `disk` (what a crash leaves), `ledger` and `real_ledger` (what blocks do),
`member` and `work` (the shell that performs the core's effects), `adversaries/` (members that
lie), `faults` (what goes wrong, from the seed), `invariants` (what must never go wrong),
`simulation` (one run), `runner` (many), `twins` (copies under one key, enumerated).

    python -m tests.simulation --seeds 0:1000 --members 4,5,7 --faults all --jobs 2
"""
