"""Navigation seals: registered, activated on a transport, monitored, handed over, taken off.

Invariants: a seal is on at most one transport; a transport with seals on it has exactly one
operator in charge; an alarm is a claim that an authority confirms or dismisses, never an offence.
"""
