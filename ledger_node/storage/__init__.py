"""A node's disk: the ledger database, the write-ahead log, the store of plaintext particulars.

database     final blocks, committed in atomic synced batches; bodies that wait
snapshot     every read, at one block
schema       the tables
integrity    what is checked on opening
wal          the consensus journal
payloads     a member's own plaintext, never on the ledger
errors       what can be wrong
"""
