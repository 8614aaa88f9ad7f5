"""A contract set that differs from the installed one in a rule: no participant's name is a shell.

NEW.digest, NEW.sources                     # as a packed set holds them
shell("AM-1")                               # accepted before it judges, refused under RE-099
"""

from dataclasses import dataclass
from functools import cache

from msgspec.structs import replace

from contracts.registry.records import RegisterParticipant
from ledger_node.contract_sets.shelf import PackedSet
from ledger_node.ledger.contract_set import contract_set_digest, installed_sources
from tests.ledger_node.api.served import registration

RULE = "RE-099"


@dataclass(frozen=True)
class Edit:
    """A place in a source that occurs once, and what follows it from now on."""

    path: str
    after: str
    text: str


EDITS = (
    Edit(
        "registry/rules.py",
        '_REGISTER = f"{LEDGER} (register of participants)"\n',
        f"""
NO_SHELLS = Rule(
    "{RULE}",
    "A participant is not a shell company.",
    _REGISTER,
    "Участник не является компанией-пустышкой.",
)
""",
    ),
    Edit(
        "registry/participants.py",
        "    require(not is_member_code(record.id), rules.MEMBER_CODES_KEPT, "
        "participant=record.id)\n",
        '    require(not record.name.startswith("Shell "), rules.NO_SHELLS, name=record.name)\n',
    ),
)


@cache
def changed_rules() -> PackedSet:
    sources = dict(installed_sources())
    for edit in EDITS:
        text = sources[edit.path].decode()
        assert text.count(edit.after) == 1, edit
        sources[edit.path] = text.replace(edit.after, edit.after + edit.text).encode()
    return PackedSet(contract_set_digest(sources), sources)


def shell(name: str, *, member: str = "AM") -> RegisterParticipant:
    return replace(registration(name, member=member), name=f"Shell {name}")
