"""What must hold in every reachable state, each named as the argument in the protocol names it.

The first is a promise of correct members, the next three follow from it by counting, agreement
follows from those, and progress is about what the correct members can still do by themselves.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

from tests.model.ballots import NULLIFY
from tests.model.rules import Certificates, Model, Votes


class Invariant(Enum):
    """In the order of the argument."""

    VOTES = "no correct member contradicts itself"
    ONE_BLOCK = "at most one block of a view is notarized or finalised"
    SKIP = "no view is both finalised and nullified"
    DESCENT = "what is notarized after a finalised block descends from it"
    AGREEMENT = "any two finalised blocks are on one chain"
    PROGRESS = "the correct members alone can get on from here"


def broken_by_votes(model: Model, view: int, said: int) -> bool:
    """Rules 3, 4 and 8: two notarize or two finalize in a view, or nullify and finalize."""
    alphabet = model.alphabets[view]
    finalize = said & alphabet.all_finalize
    return (
        (said & alphabet.all_notarize).bit_count() > 1
        or finalize.bit_count() > 1
        or (bool(said & NULLIFY) and finalize != 0)
    )


def broken_by_certificates(model: Model, certificates: Certificates) -> Iterator[Invariant]:
    """Whatever the existing certificates contradict."""
    descends = model.tree.descends
    finalised: list[int] = []
    for view in range(1, model.views + 1):
        alphabet, ballot = model.alphabets[view], certificates[view]
        notarized, final = alphabet.notarized(ballot), alphabet.finalized(ballot)
        if len({*notarized, *final}) > 1:
            yield Invariant.ONE_BLOCK
        if final and ballot & NULLIFY:
            yield Invariant.SKIP
        if not all(descends(block, below) for below in finalised for block in notarized):
            yield Invariant.DESCENT
        finalised += final
        if not all(descends(final[0], other) for other in finalised if final):
            yield Invariant.AGREEMENT


def broken_progress(
    model: Model, certificates: Certificates, view: int, votes: Sequence[Votes]
) -> bool:
    """Whether fair delivery among correct members, with no word from the others, is not enough.

    `view` is the highest anyone voted in. All hold what let that one in, for it is repeated. Then
    every log is read out, timers fire, and the view must end: with a nullification, or with a
    certificate that someone holds, as who sent finalize does. On that the next leader must find
    a block to build on.
    """
    kept = [own for own, _ in votes]
    calm = [own | model.may_nullify(own, view) for own in kept]
    certified = model.certificates_of_correct(view, calm)
    alphabet = model.alphabets[view]
    for own in kept:
        finalize = own & alphabet.all_finalize
        certified |= certificates[view] & (finalize >> len(alphabet.blocks))
    if not certified:
        return True
    reached = (*certificates[:view], certified)
    return not any(
        model.parent_is_certified(reached, parent)
        and model.gap_is_nullified(reached, model.tree.view[parent])
        for parent in range(alphabet.blocks.stop)
    )
