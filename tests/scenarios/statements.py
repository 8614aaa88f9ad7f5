"""What a script can let a liar say: any statement, well formed and signed by the liar's own key.

propose V on BLOCK [late MS] [of NAME …]   a block; `late`: its time moved
notarize V BLOCK | nullify V | finalize V BLOCK OUTCOME
finalization V BLOCK OUTCOME by M0 M1 M2   with the signatures of all of them
forged nullification V                     its own signature in everyone's place
fetch after H views V … blocks BLOCK …     a request, which nobody signs
stale nullify V by M2                      of the epoch before, as M2 signed it
"""

from hashlib import sha256

from consensus.block import BlockHeader, Member, block_id, payload_root
from consensus.messages import (
    Fetch,
    Finalization,
    Finalize,
    Message,
    Notarize,
    Nullification,
    Nullify,
    finalize_bytes,
    nullify_bytes,
)
from consensus.quorum import quorum
from tests.scenarios.naming import Naming
from tests.simulation.adversaries.lies import nullify, proposed, signed
from tests.simulation.member import SimulatedMember
from tests.simulation.signing import signer


def statement(liar: SimulatedMember, words: list[str], naming: Naming) -> Message:
    """The message that `words` describe. Raises KeyError for another kind."""
    committee = liar.core.committee
    match words:
        case ["propose", view, "on", parent, *rest]:
            return _proposal(liar, int(view), parent, rest, naming)
        case ["notarize", view, block]:
            header = naming.block(block).header
            vote = Notarize(
                committee.epoch, int(view), header.parent_view, block_id(header), liar.index, b""
            )
            return signed(liar, vote)
        case ["nullify", view]:
            return nullify(liar, int(view))
        case ["finalize", view, block, outcome]:
            name = block_id(naming.block(block).header)
            digest = sha256(outcome.encode()).digest()
            return signed(liar, Finalize(committee.epoch, int(view), name, digest, liar.index, b""))
        case ["finalization", view, block, outcome, "by", *members]:
            name = block_id(naming.block(block).header)
            digest = sha256(outcome.encode()).digest()
            text = finalize_bytes(committee.union, committee.epoch, int(view), name, digest)
            signers = [Member(int(member.removeprefix("M"))) for member in members]
            signatures = tuple((m, signer(committee, m)(text)) for m in signers)
            return Finalization(committee.epoch, int(view), name, digest, signatures)
        case ["forged", "nullification", view]:
            own = nullify(liar, int(view)).signature
            signatures = tuple((m, own) for m in range(quorum(len(committee))))
            return Nullification(committee.epoch, int(view), signatures)
        case ["fetch", "after", height, "views", *things]:
            at = things.index("blocks")
            blocks = tuple(block_id(naming.block(name).header) for name in things[at + 1 :])
            return Fetch(int(height), blocks, tuple(int(view) for view in things[:at]))
        case ["stale", "nullify", view, "by", member]:
            index, epoch = int(member.removeprefix("M")), committee.epoch - 1
            text = nullify_bytes(committee.union, epoch, int(view))
            return Nullify(epoch, int(view), index, signer(committee, liar.others()[0])(text))
        case _:
            raise KeyError(" ".join(words))


def _proposal(
    liar: SimulatedMember, view: int, parent: str, rest: list[str], naming: Naming
) -> Message:
    head = naming.head(parent)
    late = int(rest[rest.index("late") + 1]) if "late" in rest else 0
    names = rest[rest.index("of") + 1 :] if "of" in rest else []
    payload = tuple(name.encode().ljust(32, b".") for name in names)
    header = BlockHeader(
        union=liar.core.committee.union,
        epoch=liar.core.committee.epoch,
        height=head.height + 1,
        view=view,
        parent_view=head.view,
        parent=head.block,
        time_ms=max(liar.wall_ms(), head.time_ms + 1) + late,
        proposer=liar.index,
        payload_root=payload_root(payload),
    )
    proposal = proposed(liar, header, payload)
    naming.call(proposal.block)
    return proposal
