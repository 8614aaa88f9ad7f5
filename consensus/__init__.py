"""Simplex BFT consensus as a pure function: step(now, input) -> effects.

Read in this order: `quorum` (arithmetic), `block` (what is agreed on), `messages` (what is said),
`votes` (what was heard), `rules` (what may be said), `core` (what follows from each input).
Nothing here reads a clock, a socket or a disk; docs/consensus/protocol.md argues why it is safe.
"""
