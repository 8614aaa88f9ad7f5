"""Control of goods on the way: one form of record in all members, recognised by all.

Who controlled, where, what was asked, what came out, and when: risk indication, documentary check,
inspection, scanning, sampling. A control holds for the whole union: a second one of the same kind
on the same movement needs a stated reason that was not stated before. Invariants: at most one
control of a kind is open on a movement; a reported result is never changed.
"""
