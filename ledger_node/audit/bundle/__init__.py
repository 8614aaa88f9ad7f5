"""Audit bundles: a part of the log, or all of it, in one file that is checked without any node.

    refusal      the checks in their order, and where one failed
    form         frames of the file, and what a bundle says it holds
    tree         hash tiles, believed from the checkpoint's root downwards
    reader       a file as a stream of entries, each shown to be the one in the log
    blocks       entries put together to blocks, submissions and records; their structure
    founding     what the genesis entry says: keys, limits, contracts, first state
    certificates consensus finalizations
    replay       the state in a temporary database, and the contracts executed again
    completeness whether a bundle holds what it says it holds
    verify       all of it, in one pass
    diff         two bundles: where they part, and who signed both
    source, concern, export
                 making a bundle, from static tiles or anything that answers like them

A bundle is read as a stream and needs the memory of one block, however long it is. The format is
specified in docs/audit-bundles.md.
"""
