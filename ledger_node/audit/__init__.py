"""What a third party can establish without a node: from files and a policy alone.

`verify` decides what a proof file proves, `explain` says it in words and as JSON. Neither touches
a disk, a socket or a clock, so both can be run, embedded and tested anywhere.
"""
