"""Quorum arithmetic of n members, at most f of them Byzantine.

f = floor((n - 1) / 3) and a quorum is floor((n + f) / 2) + 1, so that any two quorums share at
least f + 1 members, one of them correct, and the n - f correct members form a quorum by
themselves. (n, quorum): 4 → 3, 5 → 4, 6 → 4, 7 → 5, 10 → 7, 30 → 20.

Source: Chan and Pass, "Simplex Consensus", TCC 2023 (eprint 2023/463), generalised from n = 3f + 1
to every n.
"""


def max_faulty(members: int) -> int:
    """Greatest number of Byzantine members that `members` tolerate. Raises ValueError below 1."""
    if members < 1:
        raise ValueError(f"a committee has at least 1 member, not {members}")
    return (members - 1) // 3


def quorum(members: int) -> int:
    """Number of votes that make a certificate. Raises ValueError below 1 member."""
    return (members + max_faulty(members)) // 2 + 1
