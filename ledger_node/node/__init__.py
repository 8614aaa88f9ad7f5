"""One running node: where consensus, the ledger, the network and the disk meet.

`node` assembles the parts and owns their lives; `consensus_loop` performs what the core asks;
`block_work` builds, validates, executes and commits blocks, in the order that `ledger_queue`
gives; `bodies` gets what blocks name; `admission` takes submissions in; `checkpoints` cosigns
final heads and publishes them.
"""
