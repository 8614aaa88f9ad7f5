"""`ledger-node rules`: what the installed contracts ask of records, and the door of submissions."""

import argparse
from typing import Final

from contracts import RULES
from ledger_node.cli.outcome import ExitCode, refused
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.refusal import SubmissionRule

SUBMISSION_SOURCE: Final = "Submission format (docs/formats.md)"


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    every = actions.add_parser("list", help="every rule", allow_abbrev=False)
    every.add_argument("--json", action="store_true", help="print JSON")
    every.set_defaults(handler=list_rules)
    one = actions.add_parser("explain", help="one rule, with its source", allow_abbrev=False)
    one.add_argument("id", metavar="ID", help="e.g. TR-012")
    one.set_defaults(handler=explain_rule)


def list_rules(options: argparse.Namespace) -> ExitCode:
    """All rules by id."""
    rules = _rules()
    if options.json:
        say_json(
            {
                "contract_set": installed_contracts().digest.hex(),
                "rules": [
                    {"id": name, "text": text, "source": source}
                    for name, (text, source) in rules.items()
                ],
            }
        )
        return ExitCode.OK
    for name, (text, _) in rules.items():
        say_rows([(name, text)], indent=0)
    say(f"{len(rules)} rules; `ledger-node rules explain ID` names the source")
    return ExitCode.OK


def explain_rule(options: argparse.Namespace) -> ExitCode:
    """One rule at length."""
    name = options.id.upper()
    rules = _rules()
    if name not in rules:
        raise refused(f"no rule {name}; `ledger-node rules list` shows all")
    text, source = rules[name]
    say(name)
    say_rows([("asks", text), ("source", source)])
    if name in RULES:
        say_rows([("по-русски", RULES[name].text_ru)])
    return ExitCode.OK


def _rules() -> dict[str, tuple[str, str]]:
    """id → (text, source), by id."""
    rules = {rule.id: (rule.text, SUBMISSION_SOURCE) for rule in SubmissionRule}
    rules |= {name: (rule.text, rule.source) for name, rule in RULES.items()}
    return dict(sorted(rules.items()))
