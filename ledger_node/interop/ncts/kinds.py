"""The message types of NCTS: what they are called, and why one is not known here."""

import re

from ledger_node.interop.refusal import shown

TITLES = {
    "CC004C": "amendment accepted",
    "CC007C": "arrival notification",
    "CC009C": "decision on invalidation",
    "CC013C": "amendment of a declaration",
    "CC014C": "request to invalidate a declaration",
    "CC015C": "declaration",
    "CC017C": "results of control at departure",
    "CC019C": "discrepancies",
    "CC022C": "request to amend a declaration",
    "CC023C": "notification of a guarantor",
    "CC025C": "goods released at destination",
    "CC028C": "MRN allocated",
    "CC029C": "release for transit",
    "CC035C": "recovery",
    "CC040C": "invalidation told to the export system",
    "CC042C": "control at destination told to the export system",
    "CC043C": "unloading permission",
    "CC044C": "unloading remarks",
    "CC045C": "write-off",
    "CC048C": "recovery told to the export system",
    "CC051C": "no release for transit",
    "CC055C": "guarantee not valid",
    "CC056C": "rejection by the office of departure",
    "CC057C": "rejection by the office of destination",
    "CC060C": "decision on control",
    "CC170C": "presentation of pre-lodged goods",
    "CC182C": "incident forwarded",
    "CC190C": "presentation told to the export system",
    "CC191C": "answer of the export system",
    "CC228C": "comprehensive guarantee: liability ended",
    "CC906C": "functional error",
    "CC917C": "XML error",
    "CC928C": "positive acknowledgement",
}
"""Every message type there is a schema for."""

_NAME = re.compile(r"(CC|CD|TR|GB)(\d{3})([A-D])", re.ASCII)


def title_of(kind: str) -> str:
    """What a known message is called."""
    return TITLES[kind]


def why_unknown(name: str) -> str:
    """Why there is no schema for a root element of that name, to be read after "message"."""
    found = _NAME.fullmatch(name)
    if found is None:
        return f"has the root element {shown(name)}, which is not a message type known here"
    domain, _, version = found.groups()
    if domain == "CD":
        why = "goes from one customs office to another, never to or from traders"
    elif version != "C":
        why = "is of NCTS phase 4 or earlier, which ended in 2025"
    else:
        why = "has no schema in phase 6, version 60.4.16"
    return f"has the root element {shown(name)}: this message {why}; it is not read here"
