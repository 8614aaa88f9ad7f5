"""The union's trust policy: which logs and witnesses make a checkpoint of this union valid.

Every member may serve the log under its own log key, and a checkpoint counts with a quorum of
members' cosignatures. Source: c2sp.org/tlog-policy; vkeys as in c2sp.org/signed-note.
"""

from consensus.quorum import quorum
from ledger_node.genesis.card import MemberCard
from ledger_node.genesis.document import Genesis, union_id
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import Policy, union_policy


def log_key(origin: str, card: MemberCard) -> VerifierKey:
    """The key under which a member signs checkpoints it serves; its name is the origin."""
    return VerifierKey(origin, SignatureType.ED25519, card.log[1:])


def cosigner_key(origin: str, card: MemberCard) -> VerifierKey:
    """The key by which a member cosigns finalised tree heads, named "<origin>/<MEMBER>"."""
    return VerifierKey(f"{origin}/{card.member}", SignatureType.COSIGNATURE_V1, card.cosigner[1:])


def policy_of(genesis: Genesis, roster: Roster | None = None) -> Policy:
    """The policy of a union: the log of any member or observer, a quorum of those who vote.

    roster: of the epoch, that of the genesis when None.
    """
    roster = roster or founding_roster(genesis, 1)
    return union_policy(
        [log_key(genesis.origin, card) for card in roster.cards],
        [(card.member, cosigner_key(genesis.origin, card)) for card in roster.committee],
        quorum(len(roster.committee)),
    )


def policy_text(genesis: Genesis, roster: Roster | None = None) -> str:
    """The policy as a file that says, in comments, whose it is."""
    policy = policy_of(genesis, roster).format().decode()
    epoch = f"# epoch {roster.epoch}\n" if roster is not None and roster.epoch > 1 else ""
    return f"# {genesis.name}\n# union {union_id(genesis).hex()}\n{epoch}{policy}"
