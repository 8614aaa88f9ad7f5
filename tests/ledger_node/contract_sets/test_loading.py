"""Several contract sets in one process: each is on its own, and answers in this program's terms."""

import sys
import threading

import pytest

import contracts
from contracts import Accepted, Context, GenesisMember, Rejected, encode_record
from contracts.kernel.rule import Severity
from contracts.registry.objects import PARTICIPANT
from ledger_node.contract_sets.loading import ContractSetUnusable, load_contract_set
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.contract_set import (
    contract_set_digest,
    installed_contracts,
    installed_sources,
)
from ledger_node.ledger.execution import ContractSet
from tests.union.changed_rules import RULE, changed_rules, shell

OFFERS = """
from contracts.answers import Accepted, Rejected

RULES = {}

def apply(record, context, view):
    return Accepted(()) if record == b"yes" else Rejected("X-001", (("record", record.hex()),))

def due_acts(context, view):
    return ()

def genesis_state(members):
    return tuple((f"member/{m.code}", b"") for m in members)

def author_problem(author, signer, view):
    return Rejected("X-002", ()) if author == "stranger" else None
"""
ANSWERS = """
from dataclasses import dataclass

@dataclass(frozen=True, slots=True)
class Accepted:
    changes: tuple

@dataclass(frozen=True, slots=True)
class Rejected:
    rule: str
    values: tuple
"""


def small(**more: str) -> dict[str, bytes]:
    """A contract set of a few lines. more: modules by name."""
    modules = {"__init__": OFFERS, "answers": ANSWERS, **more}
    return {f"{name}.py": text.encode() for name, text in modules.items()}


CONTEXT = Context(1, 1, bytes(32), 0, "AM", bytes(33))


class NoState:
    def get(self, key: str) -> bytes | None:
        return None


class State(dict[str, bytes]):
    """A StateView."""


KEY = SoftwareSigner.generate().public


def founded(judge: ContractSet) -> State:
    return State(judge.first_state([GenesisMember("AM", "Armenia", KEY)]))


def judged(judge: ContractSet, record: contracts.Record) -> Accepted | Rejected:
    context = Context(10, 1, bytes(32), 0, "AM", KEY)
    return judge.apply(encode_record(record), context, founded(judge))


def test_two_versions_judge_side_by_side_each_by_its_own_rules() -> None:
    old, new = installed_contracts(), load_contract_set(changed_rules().sources)
    for _ in range(2):
        assert isinstance(judged(old, shell("ONE")), Accepted)
        refusal = judged(new, shell("ONE"))
        assert isinstance(refusal, Rejected)
        assert (refusal.rule, refusal.values) == (RULE, (("name", "Shell ONE"),))
    assert RULE in new.rules
    assert RULE not in old.rules


def test_the_same_code_loaded_from_its_sources_gives_the_same_results() -> None:
    installed, loaded = installed_contracts(), load_contract_set(installed_sources())
    assert loaded.digest == installed.digest
    assert loaded.apply is not installed.apply
    assert founded(loaded) == founded(installed)
    one = shell("ONE")
    assert judged(loaded, one) == judged(installed, one)
    assert loaded.rules == installed.rules
    stranger = loaded.author_problem("NOBODY", KEY, founded(loaded))
    assert stranger == installed.author_problem("NOBODY", KEY, founded(installed))
    assert isinstance(stranger, Rejected)


def test_loading_leaves_the_installed_contracts_as_they_were() -> None:
    before = {name: module for name, module in sys.modules.items() if name.startswith("contracts")}
    load_contract_set(changed_rules().sources)
    after = {name: module for name, module in sys.modules.items() if name.startswith("contracts")}
    assert after == before
    assert contracts.RULES.get(RULE) is None
    assert PARTICIPANT.key("X") == "participant/X"


def test_an_import_while_a_record_is_judged_finds_the_sets_own_module() -> None:
    sources = small(late="changes = (('key', b'mine'),)")
    sources["__init__.py"] += b"""
def apply(record, context, view):
    from contracts.late import changes
    return Accepted(changes)
"""
    judge = load_contract_set(sources)
    assert judge.apply(b"yes", CONTEXT, NoState()) == Accepted((("key", b"mine"),))


def test_its_answers_are_this_programs_types() -> None:
    judge = load_contract_set(small())
    assert judge.apply(b"yes", CONTEXT, NoState()) == Accepted(())
    assert judge.apply(b"no", CONTEXT, NoState()) == Rejected("X-001", (("record", "6e6f"),))
    assert judge.first_state([GenesisMember("AM", "Armenia", b"")]) == (("member/AM", b""),)
    assert judge.author_problem("stranger", b"", NoState()) == Rejected("X-002", ())
    assert judge.author_problem("friend", b"", NoState()) is None


def test_modules_that_import_each_other_are_fine() -> None:
    sources = small(first="import contracts.second\nfrom contracts import answers\nx = 1\n")
    sources["second.py"] = b"import contracts.first as other\ny = other\n"
    sources["__init__.py"] = b"import contracts.first\n" + sources["__init__.py"]
    assert load_contract_set(sources).digest == contract_set_digest(sources)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import os", "may not import os"),
        ("import ledger_node.codec", "may not import ledger_node.codec"),
        ("from . import answers", "may not import"),
        ("import contracts.missing", "no module contracts.missing"),
        ("from contracts import missing", "no module contracts.missing"),
        ("open('x')", "'open' is not defined"),
        ("eval('1')", "'eval' is not defined"),
        ("__import__('os')", "may not import os"),
        ("def", "SyntaxError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("x = 1 // 0", "ZeroDivisionError"),
    ],
)
def test_code_that_cannot_be_used_is_refused_and_leaves_nothing(text: str, reason: str) -> None:
    sources = small(bad=text)
    sources["__init__.py"] += b"import contracts.bad\n"
    with pytest.raises(ContractSetUnusable, match=reason):
        load_contract_set(sources)
    name = f"contract_set_{contract_set_digest(sources).hex()}"
    assert not [module for module in sys.modules if module.startswith(name)]


@pytest.mark.parametrize("name", ["apply", "due_acts", "genesis_state", "author_problem"])
def test_a_set_that_does_not_offer_all_is_refused(name: str) -> None:
    sources = small()
    sources["__init__.py"] = sources["__init__.py"].replace(
        f"def {name}(".encode(), f"def not_{name}(".encode()
    )
    with pytest.raises(ContractSetUnusable, match=f"does not offer {name}"):
        load_contract_set(sources)


def test_a_set_is_loaded_once_also_by_threads_that_ask_together() -> None:
    sources = small(unique="x = 'loaded by threads'")
    found: list[ContractSet] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_contract_set(sources))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(each is found[0] for each in found)


RULE_OF_OLD = """
class OldRule:
    id, text, source, text_ru = "X-001", "Yes is said.", "Custom", "Говорят да."

class OddRule(OldRule):
    severity = "catastrophic"
"""


@pytest.mark.parametrize("rule", ["OldRule", "OddRule"])
def test_a_rule_of_a_severity_that_is_not_known_here_is_shown_as_any(rule: str) -> None:
    sources = small(old=RULE_OF_OLD)
    sources["__init__.py"] += (
        f"from contracts.old import {rule}\nRULES = {{'X-001': {rule}}}".encode()
    )
    shown = load_contract_set(sources).rules["X-001"]
    assert (shown.text, shown.severity) == ("Yes is said.", Severity.MATERIAL)
