"""Who takes part besides the members: offices, a guarantor, a declarant, carriers, seal operators.

Each has a key of its own and speaks only to the node of its own state, as it would in life.
"""

from dataclasses import dataclass
from typing import Final

from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import RegisterParticipant
from ledger_node.crypto.signatures import SoftwareSigner

DEPARTURE: Final = "KG417101"
TRANSIT: Final = "KZ398001"
DESTINATION: Final = "RU102001"
GUARANTEE_OFFICE: Final = "BY112001"
GUARANTOR: Final = "BY-INSURER"
DECLARANT: Final = "KG-TRADER"
CARRIER: Final = "KZ-CARRIER"
SEAL_OPERATORS: Final = {"KG": "KG-SEALS", "KZ": "KZ-SEALS", "RU": "RU-SEALS"}
AUDITOR: Final = "AM-AUDIT"


@dataclass(frozen=True, slots=True)
class Player:
    """A participant and its key."""

    id: str
    member: str
    name: str
    roles: tuple[Role, ...]
    functions: tuple[OfficeFunction, ...]
    signer: SoftwareSigner

    def registration(self) -> RegisterParticipant:
        """The record by which the registrar of its member enters it."""
        return RegisterParticipant(
            self.id, self.member, self.name, self.roles, self.functions, (self.signer.public,)
        )


def _office(office: str, name: str, *functions: OfficeFunction) -> Player:
    return _player(office, name, Role.OFFICE, functions)


def _player(
    participant: str, name: str, role: Role, functions: tuple[OfficeFunction, ...] = ()
) -> Player:
    return Player(participant, participant[:2], name, (role,), functions, SoftwareSigner.generate())


def assemble() -> dict[str, Player]:
    """The cast, each with a fresh key, by participant id."""
    functions = OfficeFunction
    players = (
        _office(DEPARTURE, "Bishkek customs", functions.DEPARTURE),
        _office(TRANSIT, "Korday border post", functions.TRANSIT),
        _office(DESTINATION, "Moscow customs", functions.DEPARTURE, functions.DESTINATION),
        _office(GUARANTEE_OFFICE, "Minsk office of guarantee", functions.GUARANTEE),
        _player(GUARANTOR, "Belarus Transit Insurance", Role.GUARANTOR),
        _player(DECLARANT, "Ala-Too Trading", Role.DECLARANT),
        _player(CARRIER, "Steppe Road Haulage", Role.CARRIER),
        _player(SEAL_OPERATORS["KG"], "Kyrgyz seal operator", Role.SEAL_OPERATOR),
        _player(SEAL_OPERATORS["KZ"], "Kazakh seal operator", Role.SEAL_OPERATOR),
        _player(SEAL_OPERATORS["RU"], "Russian seal operator", Role.SEAL_OPERATOR),
        _player(AUDITOR, "Armenian audit chamber", Role.AUDITOR),
    )
    return {player.id: player for player in players}
