"""Every run of the voting rules, for a few members and views: an explicit-state model checker.

The rules are 1–8 of docs/consensus/protocol.md, the model is explained in docs/consensus/model.md.
Read in this order: `blocks` (what can be proposed), `ballots` (votes and certificates as bits),
`rules` (who may say what: the part to compare with the protocol), `invariants` (what must hold in
every reachable state), `explorer` (breadth-first search with its reductions), `report` (words).

    python -m tests.model --views 3
    python -m tests.model --drop gap
    python -m tests.model --drop all
"""
