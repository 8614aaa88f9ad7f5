"""The union's trust policy: which logs and witnesses make a checkpoint of this union valid.

Every member may serve the log under its own log key, and a checkpoint counts with a quorum of
members' cosignatures. Source: c2sp.org/tlog-policy; vkeys as in c2sp.org/signed-note.
"""

from consensus.quorum import quorum
from ledger_node.genesis.document import Genesis, union_id
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import Policy, union_policy


def log_key(genesis: Genesis, member: str) -> VerifierKey:
    """The key under which `member` signs checkpoints it serves; its name is the origin."""
    card = genesis.card(member)
    return VerifierKey(genesis.origin, SignatureType.ED25519, card.log[1:])


def cosigner_key(genesis: Genesis, member: str) -> VerifierKey:
    """The key by which `member` cosigns finalised tree heads, named "<origin>/<MEMBER>"."""
    card = genesis.card(member)
    name = f"{genesis.origin}/{member}"
    return VerifierKey(name, SignatureType.COSIGNATURE_V1, card.cosigner[1:])


def policy_of(genesis: Genesis) -> Policy:
    """The policy of a genesis that was checked: any member's log, a quorum of all members."""
    codes = [card.member for card in genesis.members]
    return union_policy(
        [log_key(genesis, code) for code in codes],
        [(code, cosigner_key(genesis, code)) for code in codes],
        quorum(len(codes)),
    )


def policy_text(genesis: Genesis) -> str:
    """The policy as a file that says, in comments, whose it is."""
    policy = policy_of(genesis).format().decode()
    return f"# {genesis.name}\n# union {union_id(genesis).hex()}\n{policy}"
