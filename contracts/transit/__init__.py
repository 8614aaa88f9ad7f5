"""Customs transit: from the declaration to the discharge of a movement.

A declaration is `declaration/<declarant>/<LRN>`. When the office of departure registers it, its
content moves to `movement/<MRN>` and the declaration keeps only the MRN, so that an LRN is never
used twice. The table of `life.py` says which record fits which state.
"""
