"""The root of every error of the log layer; each module below it defines its own kind.

An error carries fields (which rule, which place); its text is for people and may change.
"""


class LogError(ValueError):
    """Something about a log, a tile, a note, a policy or a proof is not as the specs ask."""
