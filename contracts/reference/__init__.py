"""Reference data on the ledger: rates of currencies, code lists, thresholds.

Invariants: a rate that could have been used is never changed; every entry is an object of its own
under a key that rules can name, so that nothing is ever searched; who writes what is a rule.
"""
