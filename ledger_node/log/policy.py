"""Trust policies: which logs and witnesses a verifier believes, and how many of them it asks.

A `Policy` is made by `parse_policy` alone (`union_policy` writes one and parses it), so every
rule of the format holds for each of them. The names of witnesses and groups are opaque octets:
they are decoded with surrogate escapes and compared code point by code point.

Source: c2sp.org/tlog-policy. Beyond it, a policy is refused when two keys share name and key id
(a signature line could not tell them apart) or when it is larger than the limits below.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from ledger_node.log.errors import LogError
from ledger_node.log.note import (
    NoteError,
    NoteRule,
    NoteSignature,
    SignatureType,
    VerifierKey,
    parse_vkey,
)

MAX_POLICY: Final = 256 * 1024
"""Bytes of a policy file."""

MAX_LINES_OF_A_KIND: Final = 256
"""Logs, witnesses or groups; the spec asks for at least 32 of each."""

NO_QUORUM: Final = "none"
"""The predefined name for a quorum that asks for no cosignature."""


class PolicyRule(StrEnum):
    """What a policy file breaks."""

    TOO_LARGE = "the policy is larger than is accepted"
    OCTET = "a control character other than tab and newline: lines end in LF, never in CR LF"
    FINAL_NEWLINE = "the last line does not end in a newline"
    KEYWORD = "a line starts with neither log, witness, group, quorum nor #"
    FIELDS = "the line has too few or too many items"
    KEY = "the key is not a valid vkey"
    KEY_TYPE = "the key's signature type does not suit its role"
    DUPLICATE_LOG = "the public key is already listed as a log"
    DUPLICATE_WITNESS = "the public key is already listed as a witness"
    AMBIGUOUS_KEY = "another key has the same name and key id"
    NAME_TAKEN = "the name is already defined"
    NAME_UNKNOWN = "the name is not defined on a line before"
    MEMBER_TWICE = "the name is already a member of a group"
    THRESHOLD = "the threshold is not all, any or a number from 1 to the members' count"
    TOO_MANY = "more lines of this kind than are accepted"
    QUORUM_TWICE = "there is already a quorum line"
    QUORUM_MISSING = "there is no quorum line"


class PolicyError(LogError):
    """rule: what is broken; line: its number from 1, 0 for the file as a whole."""

    def __init__(self, rule: PolicyRule, line: int, detail: str = "") -> None:
        place = f"policy line {line}" if line else "policy"
        super().__init__(f"{place}: {rule.value}" + (f" ({detail})" if detail else ""))
        self.rule = rule
        self.line = line


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose checkpoints are accepted; its key is named as the origin it signs for."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A cosigner. name: its name within this policy."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Holds when at least `threshold` of `members` (names of witnesses or groups) hold."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A well-formed policy. quorum: the name that has to hold, None to ask for no witness."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str | None

    def log_of(self, origin: str, signature: NoteSignature) -> Log | None:
        """The listed log for `origin` that the line claims to be by."""
        if signature.name != origin:
            return None
        return next((log for log in self.logs if signature.is_by(log.key)), None)

    def witness_of(self, signature: NoteSignature) -> Witness | None:
        """The listed witness that the line claims to be by."""
        return next((each for each in self.witnesses if signature.is_by(each.key)), None)

    def quorum_met(self, cosigned_by: AbstractSet[str]) -> bool:
        """Whether cosignatures by these witnesses (names of this policy) are enough."""
        if self.quorum is None:
            return True
        holding = set(cosigned_by)
        # A group names only what stands before it, so one pass settles all of them.
        for group in self.groups:
            if sum(member in holding for member in group.members) >= group.threshold:
                holding.add(group.name)
        return self.quorum in holding

    def format(self) -> bytes:
        """The policy as a file, without the comments it may have been read with."""
        lines = [" ".join(("log", log.key.format(), log.url or "")) for log in self.logs]
        lines += [
            " ".join(("witness", each.name, each.key.format(), each.url or ""))
            for each in self.witnesses
        ]
        lines += [
            " ".join(("group", group.name, str(group.threshold), *group.members))
            for group in self.groups
        ]
        lines.append(f"quorum {NO_QUORUM if self.quorum is None else self.quorum}")
        text = "".join(f"{line.rstrip(' ')}\n" for line in lines)
        return text.encode("utf-8", "surrogateescape")


_Line = TypeVar("_Line", Log, Witness, Group)


class _Reader:
    """Collects a policy line by line, each checked against those before it."""

    def __init__(self) -> None:
        self.line = 0
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: list[str] = []
        self._names: set[str] = set()
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()

    def read(self, items: Sequence[str]) -> None:
        """Take in the items of one line."""
        readers = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        reader = readers.get(items[0])
        if reader is None:
            raise self._error(PolicyRule.KEYWORD, items[0][:40])
        reader(items[1:])

    def policy(self) -> Policy:
        if not self.quorum:
            raise PolicyError(PolicyRule.QUORUM_MISSING, 0)
        quorum = None if self.quorum == [NO_QUORUM] else self.quorum[0]
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), quorum)

    def _error(self, rule: PolicyRule, detail: str = "") -> PolicyError:
        return PolicyError(rule, self.line, detail.encode("ascii", "backslashreplace").decode())

    def _log(self, items: Sequence[str]) -> None:
        self._expect(1 <= len(items) <= 2)
        key = self._key(items[0], SignatureType.ED25519)
        if any(log.key.public == key.public for log in self.logs):
            raise self._error(PolicyRule.DUPLICATE_LOG)
        self._add(self.logs, Log(self._distinct(key), *items[1:]))

    def _witness(self, items: Sequence[str]) -> None:
        self._expect(2 <= len(items) <= 3)
        self._define(items[0])
        key = self._key(items[1], SignatureType.COSIGNATURE_V1)
        if any(witness.key.public == key.public for witness in self.witnesses):
            raise self._error(PolicyRule.DUPLICATE_WITNESS)
        self._add(self.witnesses, Witness(items[0], self._distinct(key), *items[2:]))

    def _group(self, items: Sequence[str]) -> None:
        self._expect(len(items) >= 3)
        name, threshold, *members = items
        for member in members:
            # "none" is never among the defined names, so it is no member either.
            if member not in self._names:
                raise self._error(PolicyRule.NAME_UNKNOWN, member)
            if member in self._members:
                raise self._error(PolicyRule.MEMBER_TWICE, member)
            self._members.add(member)
        self._define(name)
        self._add(self.groups, Group(name, self._threshold(threshold, members), tuple(members)))

    def _quorum(self, items: Sequence[str]) -> None:
        self._expect(len(items) == 1)
        if self.quorum:
            raise self._error(PolicyRule.QUORUM_TWICE)
        if items[0] != NO_QUORUM and items[0] not in self._names:
            raise self._error(PolicyRule.NAME_UNKNOWN, items[0])
        self.quorum.append(items[0])

    def _expect(self, fits: bool) -> None:
        if not fits:
            raise self._error(PolicyRule.FIELDS)

    def _key(self, text: str, kind: SignatureType) -> VerifierKey:
        try:
            key = parse_vkey(text)
        except NoteError as error:
            unsuited = error.rule is NoteRule.KEY_TYPE
            rule = PolicyRule.KEY_TYPE if unsuited else PolicyRule.KEY
            raise self._error(rule, str(error)) from error
        if key.type is not kind:
            raise self._error(PolicyRule.KEY_TYPE, key.name)
        return key

    def _distinct(self, key: VerifierKey) -> VerifierKey:
        if (key.name, key.key_id) in self._keys:
            raise self._error(PolicyRule.AMBIGUOUS_KEY, key.name)
        self._keys.add((key.name, key.key_id))
        return key

    def _threshold(self, text: str, members: Sequence[str]) -> int:
        words = {"all": len(members), "any": 1}
        number = words.get(text) or (int(text) if re.fullmatch("[1-9][0-9]{0,3}", text) else 0)
        if not 1 <= number <= len(members):
            raise self._error(PolicyRule.THRESHOLD, text[:40])
        return number

    def _define(self, name: str) -> None:
        if name in self._names or name == NO_QUORUM:
            raise self._error(PolicyRule.NAME_TAKEN, name)
        self._names.add(name)

    def _add(self, kind: list[_Line], line: _Line) -> None:
        if len(kind) == MAX_LINES_OF_A_KIND:
            raise self._error(PolicyRule.TOO_MANY)
        kind.append(line)


def parse_policy(data: bytes) -> Policy:
    """The policy in a file's bytes. Raises PolicyError naming rule and line."""
    if len(data) > MAX_POLICY:
        raise PolicyError(PolicyRule.TOO_LARGE, 0)
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        reader.line = number
        if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", line):
            raise PolicyError(PolicyRule.OCTET, number)
        items = [
            item for item in re.split(r"[ \t]+", line.decode("utf-8", "surrogateescape")) if item
        ]
        if items and not items[0].startswith("#"):
            reader.read(items)
    if data and not data.endswith(b"\n"):
        raise PolicyError(PolicyRule.FINAL_NEWLINE, reader.line)
    return reader.policy()


def union_policy(
    log_keys: Sequence[VerifierKey], witnesses: Sequence[tuple[str, VerifierKey]], quorum: int
) -> Policy:
    """The policy of a union: any member's log, and `quorum` of the members as witnesses.

    witnesses: (name in the policy, cosigner key), e.g. ("AM", …). Raises PolicyError when they
    do not make a policy, e.g. a key given twice or a quorum greater than there are witnesses.
    """
    lines = [f"log {key.format()}" for key in log_keys]
    lines += [f"witness {name} {key.format()}" for name, key in witnesses]
    lines.append(" ".join(("group union", str(quorum), *(name for name, _ in witnesses))))
    lines.append("quorum union")
    return parse_policy("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
