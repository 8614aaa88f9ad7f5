"""The ceremony of a union of one or two, by the commands that members would give.

In the current directory: CODE-keys, CODE.card, genesis.json.
"""

from pathlib import Path

from ledger_node.cli.main import main

ORIGIN = "ledger.example/trial"


def command(*arguments: str | Path) -> None:
    """A command that must succeed."""
    code = main([str(argument) for argument in arguments])
    assert code == 0, arguments


def make_card(member: str, *, port: int = 7000) -> str:
    """Keys in MEMBER-keys and a card in MEMBER.card, whose name is returned."""
    keys, card = f"{member}-keys", f"{member}.card"
    command("keys", "new-member", "--member", member, "--out", keys)
    given = ("--member", member, "--keys", keys, "--host", "127.0.0.1", "--port", str(port))
    command("genesis", "card", *given, "--out", card)
    return card


def draft(*cards: str, **more: str) -> None:
    options = [part for name, value in more.items() for part in (f"--{name}", value)]
    named = ("--name", "Trial union", "--origin", ORIGIN, "--out", "genesis.json")
    command("genesis", "draft", *named, *options, *cards)


def sign(member: str, genesis: str = "genesis.json") -> None:
    key = Path(f"{member}-keys", "authority.key")
    command("genesis", "sign", genesis, "--key", key, "--card", f"{member}.card")


def found(*members: str) -> None:
    """A union of these members, signed by all; quick to decide, for its nodes share a machine."""
    cards = [make_card(member, port=7000 + at) for at, member in enumerate(members)]
    draft(*cards, **{"delta-ms": "50"})
    for member in members:
        sign(member)
