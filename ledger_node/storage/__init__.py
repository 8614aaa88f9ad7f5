"""A node's disk: the ledger database, the write-ahead log, the store of plaintext particulars.

database     final blocks, committed in atomic synced batches; bodies that wait
snapshot     every read, at one block
schema       the tables
integrity    what is checked on opening
staging      a ledger that is being taken from others, until it is complete and takes its place
rows         what a block comes to in rows, and how the tables are opened
wal          the consensus journal
payloads     a member's own plaintext, never on the ledger
errors       what can be wrong
"""
