"""How a union begins: member cards, the genesis document, the ceremony, and the union's policy.

`card` and `document` say what is written down, `rules` what may be, `readable` how it looks in a
file, `ceremony` how members come to have all signed the same document. How membership goes on from
there: `roster` and `epochs`; how that is proven to whoever was not there: `lineage`,
`policy_history`.
"""

from ledger_node.genesis.card import MemberCard, SignedCard, check_card, sign_card
from ledger_node.genesis.ceremony import (
    CeremonyError,
    VerifiedGenesis,
    draft,
    merge,
    missing,
    sign,
    verify,
)
from ledger_node.genesis.document import Genesis, Parameters, SignedGenesis, check_genesis, union_id
from ledger_node.genesis.policy import cosigner_key, log_key, policy_of, policy_text
from ledger_node.genesis.readable import read_json, write_json
from ledger_node.genesis.rules import GenesisError

__all__ = [
    "CeremonyError",
    "Genesis",
    "GenesisError",
    "MemberCard",
    "Parameters",
    "SignedCard",
    "SignedGenesis",
    "VerifiedGenesis",
    "check_card",
    "check_genesis",
    "cosigner_key",
    "draft",
    "log_key",
    "merge",
    "missing",
    "policy_of",
    "policy_text",
    "read_json",
    "sign",
    "sign_card",
    "union_id",
    "verify",
    "write_json",
]
