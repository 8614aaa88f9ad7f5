"""`ledger-node rules`: what the installed contracts ask of records, and the door of submissions."""

import argparse
from dataclasses import dataclass
from typing import Any, Final

from contracts import RULES
from contracts.kernel.rule import Severity
from ledger_node.cli.outcome import ExitCode, refused
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.refusal import SubmissionRule

SUBMISSION_SOURCE: Final = "Submission format (docs/formats.md)"
_SEVERITIES: Final = {
    Severity.FORMAL: "a slip, to be mended and sent again",
    Severity.MATERIAL: "not allowed as things stand",
    Severity.GRAVE: "a power, a guarantee or a decision that is not the author's, or goods without "
    "the safeguards of the law",
}
_EPILOG: Final = """\
Without an action, lists. Filters hold together: a rule is shown if it passes all of them.

example:
  ledger-node rules list --subject TR --severity grave
  ledger-node rules list --containing "Art. 151"
  ledger-node rules explain TR-012
  ledger-node rules --format json
"""


@dataclass(frozen=True, slots=True)
class _ShownRule:
    id: str
    text: str
    source: str
    severity: Severity
    text_ru: str

    def holds(self, words: str) -> bool:
        """True if the words stand in it, in upper or lower case."""
        whole = "\n".join((self.id, self.text, self.source, self.text_ru))
        return words.casefold() in whole.casefold()

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "text_ru": self.text_ru,
            "source": self.source,
            "severity": self.severity.value,
        }


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    _add_options(parser)
    parser.set_defaults(handler=list_rules, json=False, subject=None, severity=None)
    parser.set_defaults(containing="", format="text")
    actions = parser.add_subparsers(metavar="ACTION")
    every = actions.add_parser("list", help="every rule, or those asked for", allow_abbrev=False)
    _add_options(every)
    every.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print JSON, with the digest of the contract set",
    )
    one = actions.add_parser("explain", help="one rule, with its source", allow_abbrev=False)
    one.add_argument("id", metavar="ID", help="e.g. TR-012")
    _add_format(one)
    one.set_defaults(handler=explain_rule)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--subject", metavar="XX", default=argparse.SUPPRESS, help="the letters ids begin with: TR"
    )
    parser.add_argument(
        "--severity",
        choices=[each.value for each in Severity],
        default=argparse.SUPPRESS,
        help="what a breach says of its author",
    )
    parser.add_argument(
        "--containing",
        metavar="WORDS",
        default=argparse.SUPPRESS,
        help="words of the text, in either language, or of the source",
    )
    _add_format(parser)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default=argparse.SUPPRESS,
        help="json: a list of rules",
    )


def list_rules(options: argparse.Namespace) -> ExitCode:
    """All rules by id, or those that pass the filters."""
    shown = [rule for rule in _rules().values() if _passes(rule, options)]
    if options.json:
        say_json(
            {
                "contract_set": installed_contracts().digest.hex(),
                "rules": [rule.as_json() for rule in shown],
            }
        )
        return ExitCode.OK
    if options.format == "json":
        say_json([rule.as_json() for rule in shown])
        return ExitCode.OK
    for rule in shown:
        say_rows([(rule.id, rule.text)], indent=0)
    say(f"{len(shown)} rules; `ledger-node rules explain ID` names the source")
    return ExitCode.OK


def _passes(rule: _ShownRule, options: argparse.Namespace) -> bool:
    return (
        (options.subject is None or rule.id.partition("-")[0] == options.subject.upper())
        and (options.severity is None or rule.severity == options.severity)
        and rule.holds(options.containing)
    )


def explain_rule(options: argparse.Namespace) -> ExitCode:
    """One rule at length."""
    name = options.id.upper()
    rules = _rules()
    if name not in rules:
        raise refused(f"no rule {name}; `ledger-node rules list` shows all")
    rule = rules[name]
    if options.format == "json":
        say_json([rule.as_json()])
        return ExitCode.OK
    say(name)
    severity = f"{rule.severity}: {_SEVERITIES[rule.severity]}"
    say_rows([("asks", rule.text), ("source", rule.source), ("severity", severity)])
    say_rows([("по-русски", rule.text_ru)])
    return ExitCode.OK


def _rules() -> dict[str, _ShownRule]:
    """Every rule by id, in the order of ids."""
    rules = {
        rule.id: _ShownRule(rule.id, rule.text, SUBMISSION_SOURCE, Severity.FORMAL, rule.text_ru)
        for rule in SubmissionRule
    }
    rules |= {
        name: _ShownRule(rule.id, rule.text, rule.source, rule.severity, rule.text_ru)
        for name, rule in RULES.items()
    }
    return dict(sorted(rules.items()))
