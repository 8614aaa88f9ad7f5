"""A verifier that stands alone: Python's standard library and nothing else.

For a machine without a network, a court's expert, a regulator who installs nothing. It shares no
code with the ledger: it is written from docs/formats.md, docs/audit-bundles.md and the C2SP
specifications, and the test suite holds its findings, step by step and word by word, against those
of `ledger-node verify`.

    refusal      the one error: the step that failed, and what was found
    canonical    the ledger's encoding                         docs/formats.md, "Encoding"
    ed25519      signatures                                    RFC 8032
    p256         signatures of smart cards and HSMs            FIPS 186-5
    keys         keys and signatures with their suite
    merkle       inclusion and consistency                     RFC 6962
    note         signed text, keys with names                  c2sp.org/signed-note
    policy       whom to believe                               c2sp.org/tlog-policy
    head         checkpoints, cosignatures                     c2sp.org/tlog-checkpoint
    tlog_proof   an entry in the log                           c2sp.org/tlog-proof
    ics23        a value, or none, in the state                ICS-23
    entries      what log entries say
    state_proof  what the state held                           docs/formats.md, "State proof"
    compact      the same in a QR code                         "Compact state proof"
    fork         two histories of one log                      "Fork evidence"
    union        genesis, members, their policies              "Genesis"
    finality     blocks, and certificates of quorums           "Block", "Policy history"
    epochs       how members and keys changed                  "Policy history"
    conflict     two blocks made final at one height            "Conflicting finality"
    bundle_file  frames, and the tree of a bundle              docs/audit-bundles.md
    bundle       what a bundle holds                           "Checks"
    catalogue    names of records, fields, objects and rules   generated from the contracts
    words        what was proven, for people
    examine      which kind of file, and what it proves
    command      the command line

Each module uses only those above it.
"""
