"""Audit bundles: a part of the log, or all of it, in one file that is checked without any node.

    refusal       the checks in their order, and where one failed
    selection     what a bundle says it holds
    form          frames of the file
    anchor        what an auditor trusts beforehand, and the checkpoint that follows from it
    founding      what the founding document says: the union, its first members and contracts
    succession    who formed the union in each epoch, and where each ended
    tree          hash tiles, believed from the checkpoint's root downwards
    reader        a file as a stream of entries, each shown to be the one in the log
    blocks        entries put together to blocks, submissions and records; their structure
    certificates  what made blocks final
    state_before  the state before a range, from its root
    unchanged     that an object is the same at both ends of a gap
    walk          all of these in one pass: what can be told without executing
    carried       contract sets in a bundle, and when their code is executed
    replay        the state in a temporary database, and the contracts executed again
    completeness  whether a bundle holds what it says it holds
    verify        all of it
    statement     the findings in words and as JSON
    branches, difference, diff
                  two bundles: where they part, and the evidence against who signed both
    source, source_log, concern, runs, past, writing, export
                  making a bundle, from static tiles or anything that answers like them

A bundle is read as a stream and needs the memory of one block, however long it is. The format is
specified in docs/audit-bundles.md.
"""
