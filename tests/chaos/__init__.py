"""A union of real node processes under fire: `python -m tests.chaos`.

    conditions   what a node process is made to live with: a stepped clock, a slow disk
    hosted_node  the node program under such conditions; run as a process
    member       one member's process: started, killed, paused, stopped, restarted
    links        TCP between members, which can be cut, silenced or delayed
    disk         a member's disk, which can be filled
    union        all of it, founded and reachable
    faults       what befalls a member, one class a kind
    campaign     faults at random, never more than the model allows, and their healing
    load         clients that act without pause and retry as clients should
    watch        what members show of themselves meanwhile
    findings     what must hold in the end, and whether it does
    progress     lines for people
    restarts     SIGKILL at random instants: `python -m tests.chaos.restarts`
    pace         what a dead leader and a missing member cost: `python -m tests.chaos.pace`

Nothing here is part of the product, and the product knows nothing of it.
"""
