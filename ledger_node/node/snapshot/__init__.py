"""Snapshots of the ledger: given, taken, checked piece by piece. Begin with `part`."""
