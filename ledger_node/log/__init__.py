"""The transparency log: an RFC 6962 tree and the C2SP formats that publish and prove it.

    merkle       hashes, frontier, inclusion and consistency proofs
    tiles        the tree and its entries as static files          c2sp.org/tlog-tiles
    note         keys, signed text                                 c2sp.org/signed-note
    checkpoint   a tree head as a note                             c2sp.org/tlog-checkpoint
    cosignature  a witness's line on a checkpoint                  c2sp.org/tlog-cosignature
    policy       whom a verifier believes                          c2sp.org/tlog-policy
    verified     a checkpoint that satisfies a policy
    head         the same with its lines in one order, as files hold it
    proof        an entry, its path and a verified checkpoint      c2sp.org/tlog-proof

Each module uses only those above it. Nothing here touches a disk, a socket or a clock.
"""
