"""The ledger: what a submission is, what a block of them does, and what the log says of it.

    submission, refusal    signed envelopes of records, and the checks they pass on arrival
    payload                what a voter asks of a block's submissions
    execution              block + ledger below -> entries, changes, roots
    entries, outcome       the leaves of the log
    chain                  executed blocks, and views of the ledger at one of them
    contract_set           which code judges, named by a digest
    particulars            commercial data behind salted commitments

Nothing here writes to disk or reads a clock. Byte formats: docs/formats.md.
"""
