"""Which particulars of a CC015C belong together, and the bytes that stand for a group.

Every leaf of the message goes to exactly one group, except access codes, which go nowhere. So the
groups together are the message without its secrets: with all of them an auditor can rebuild what
was lodged, and compare it with the public record. The public fields are in the group "message" as
the sender wrote them, before any translation.

The plaintext of a group is canonical([[path, text], …]): its leaves in the order of the message,
each with its path below the root, positions as in `Element.leaves`. To reproduce it from the XML:
take the leaves in order, strip white space around the text, normalise to NFC, encode.
"""

import re
from collections.abc import Callable, Iterator

from ledger_node.codec import decode, encode
from ledger_node.interop.ncts.element import Element
from ledger_node.interop.ncts.explanations import SECRET
from ledger_node.ledger.particulars import MAX_PLAINTEXT, ParticularGroup, Particulars

_G = ParticularGroup
_DOCUMENTS = (
    "PreviousDocument",
    "SupportingDocument",
    "TransportDocument",
    "AdditionalReference",
    "AdditionalInformation",
)

_BELONGS: dict[str, ParticularGroup] = {
    # Header, offices, guarantees, totals: what the public record is made from, and seldom more.
    "": _G.MESSAGE,
    "Authorisation": _G.DOCUMENTS,
    "HolderOfTheTransitProcedure": _G.HOLDER,
    "Representative": _G.HOLDER,
    "Consignment/referenceNumberUCR": _G.GOODS,
    "Consignment/Consignor": _G.CONSIGNOR,
    "Consignment/Consignee": _G.CONSIGNEE,
    "Consignment/AdditionalSupplyChainActor": _G.GOODS,
    "Consignment/inlandModeOfTransport": _G.TRANSPORT,
    "Consignment/modeOfTransportAtTheBorder": _G.TRANSPORT,
    "Consignment/Carrier": _G.TRANSPORT,
    "Consignment/Carrier/identificationNumber": _G.MESSAGE,
    "Consignment/TransportEquipment": _G.TRANSPORT,
    "Consignment/LocationOfGoods": _G.TRANSPORT,
    "Consignment/DepartureTransportMeans": _G.TRANSPORT,
    "Consignment/CountryOfRoutingOfConsignment": _G.TRANSPORT,
    "Consignment/ActiveBorderTransportMeans": _G.TRANSPORT,
    "Consignment/PlaceOfLoading": _G.TRANSPORT,
    "Consignment/PlaceOfUnloading": _G.TRANSPORT,
    "Consignment/TransportCharges": _G.TRANSPORT,
    "Consignment/HouseConsignment": _G.GOODS,
    "Consignment/HouseConsignment/Consignor": _G.CONSIGNOR,
    "Consignment/HouseConsignment/Consignee": _G.CONSIGNEE,
    "Consignment/HouseConsignment/DepartureTransportMeans": _G.TRANSPORT,
    "Consignment/HouseConsignment/TransportCharges": _G.TRANSPORT,
    **{f"Consignment/{name}": _G.DOCUMENTS for name in _DOCUMENTS},
    **{f"Consignment/HouseConsignment/{name}": _G.DOCUMENTS for name in _DOCUMENTS},
    **{f"Consignment/HouseConsignment/ConsignmentItem/{name}": _G.DOCUMENTS for name in _DOCUMENTS},
}

_POSITION = re.compile(r"\[\d+\]")


def group_of(path: str) -> ParticularGroup | None:
    """The group of the leaf at `path` below the root; None for an access code."""
    steps = _POSITION.sub("", path).split("/")
    if steps[-1] == SECRET:
        return None
    prefixes = ("/".join(steps[:length]) for length in range(len(steps), -1, -1))
    return next(_BELONGS[prefix] for prefix in prefixes if prefix in _BELONGS)


def particulars_of(root: Element, salts: Callable[[], bytes]) -> tuple[Particulars, ...]:
    """The particulars of the message, one a group that has any, in the order of the groups.

    salts: called once a group; each call must give 32 fresh secret bytes.
    """
    leaves: dict[ParticularGroup, list[tuple[str, str]]] = {group: [] for group in ParticularGroup}
    for path, text in root.leaves():
        group = group_of(path)
        if group is not None:
            leaves[group].append((path, text))
    return tuple(
        Particulars(group, salts(), encode(found)) for group, found in leaves.items() if found
    )


def leaves_of(particulars: Particulars) -> tuple[tuple[str, str], ...]:
    """The (path, text) leaves of one group, for a person who was given the plaintext.

    Raises DecodeError: the plaintext is not of the form described in the module text.
    """
    return decode(
        tuple[tuple[str, str], ...], particulars.plaintext, what="particulars", limit=MAX_PLAINTEXT
    )


def secrets_in(root: Element) -> Iterator[str]:
    """The paths of the access codes in the message (never their values)."""
    return (path for path, _ in root.leaves() if group_of(path) is None)
