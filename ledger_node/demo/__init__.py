"""The demonstration: a union of five members founded, used, hurt, healed and proven, for real.

    command     run, keep, stop
    founding    keys, cards, genesis, data directories
    place       the directory: one run at a time, nothing else deleted
    ports       ports that stay ours until the nodes listen on them
    nodes       five node processes: start, kill, restart, stop, and no orphans
    cast        who takes part, and with which keys
    story       what they do, act by act, each at its own state's node
    refusals    what the ledger does not let them do
    proofs      proof files, checked by another process without any node
    report      report.json and the summary
    stage       what a person sees meanwhile

Nothing is staged for the demonstration: the same nodes, client, importer and verifier that members
use; the message that opens the movement is a real one.
"""
