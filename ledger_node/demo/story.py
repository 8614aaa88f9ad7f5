"""One transit movement from lodging to discharge, act by act, each by the party it belongs to.

Bishkek to Moscow through Kazakhstan, insured in Belarus, sealed and watched by the operators of
three states, with one false alarm on the way. Chapters are methods, in the order they happen.
"""

import secrets
import time
import uuid
from importlib.resources import files
from typing import Final

from contracts import Record
from contracts.guarantee.objects import CertificateKind
from contracts.guarantee.records import AcceptUndertaking, IssueCertificate, Undertake
from contracts.guarantee.terms import GuaranteeKind, SecurityMethod, Terms
from contracts.references.mrn import make_mrn
from contracts.registry.records import RegisterParticipant
from contracts.seals.objects import SealEvent
from contracts.seals.records import (
    AcceptHandover,
    ActivateSeal,
    DeactivateSeal,
    JudgeAlarm,
    OfferHandover,
    RegisterSeal,
    ReportSealEvent,
    Verdict,
)
from contracts.transit.records import (
    Complete,
    ControlDecision,
    Discharge,
    Lodge,
    NoteCrossing,
    NotifyArrival,
    RecordArrival,
    RecordControl,
    RecordUnloading,
    Register,
    Release,
    TransportMode,
)
from ledger_node.client import SubmissionView
from ledger_node.demo import cast
from ledger_node.demo.stage import Stage
from ledger_node.demo.union import Union
from ledger_node.interop.ncts.importer import ImportedMessage, import_message
from ledger_node.interop.translation import Translation

ROUTE_KM: Final = 3_750
DAY_MS: Final = 24 * 60 * 60 * 1000
SEAL: Final = "NS-KG-000417"
PLAIN_SEAL: Final = "KG-0088123"
"""One that says nothing, for a movement nobody monitors."""
BISHKEK: Final = "KGFRU"
MOSCOW: Final = "RUMOW"
"""UN/LOCODE of the places where the seal is attached and taken off."""
RESOURCES: Final = files("ledger_node.demo")


class Unexpected(RuntimeError):
    """The ledger decided otherwise than the demonstration was written for."""


def expect_accepted(view: SubmissionView) -> None:
    """Raises Unexpected with the rule when any record was rejected."""
    for record in view.records:
        if not record.accepted:
            raise Unexpected(f"record {record.log_index} was rejected: {record.rule} {record.text}")


def ledger_year(time_ms: int) -> int:
    """The year of a block time in UTC, for reference numbers."""
    return time.gmtime(time_ms // 1000).tm_year


class Story:
    """The movement. `mrn`, `grn` and the rest are set as they come into being."""

    def __init__(self, union: Union, stage: Stage) -> None:
        self.union = union
        self.stage = stage
        self.transport = str(uuid.uuid4())
        self.mrn = ""
        self.grn = ""
        self.imported: ImportedMessage | None = None
        self._message = ""

    # ------------------------------------------------------------ chapters

    async def register_everyone(self) -> None:
        """Each registrar enters its own offices and participants, in one submission."""
        players = self.union.players.values()
        for member in sorted({player.member for player in players}):
            own = [player for player in players if player.member == member]
            records: list[RegisterParticipant] = [player.registration() for player in own]
            names = ", ".join(player.id for player in own)
            with self.stage.act(member, f"registrar enters {names}"):
                keep = f"register-{own[0].id}"
                expect_accepted(await self.union.act(member, *records, keep=keep))

    async def guarantee(self) -> None:
        """The insurer undertakes, the office of guarantee accepts."""
        use = self.import_declaration("DNGB6-cc015c.xml").content.guarantees[0]
        self.grn = use.grn
        now = time.time_ns() // 1_000_000
        assert use.amount is not None, "the message states an amount"
        amount = use.amount * 3 // 2
        undertaking = Undertake(
            grn=self.grn,
            guarantee_kind=GuaranteeKind.GENERAL,
            holder=cast.DECLARANT,
            office=cast.GUARANTEE_OFFICE,
            reference_amount=amount,
            currency=use.currency,
            coverage_percent=100,
            valid_from_ms=now - DAY_MS,
            valid_to_ms=now + 365 * DAY_MS,
            territory=tuple(sorted(self.union.households)),
            terms=Terms(
                method=SecurityMethod.SURETY,
                offices=(),
                commodities=(),
                sensitive_goods=False,
                suspended_goods=False,
            ),
        )
        shown = f"{amount / 100:,.2f} {use.currency}"
        await self._act(
            cast.GUARANTOR,
            f"undertakes {shown} for {cast.DECLARANT} under {self.grn}",
            undertaking,
            keep="guarantee-undertaken",
        )
        await self._act(
            cast.GUARANTEE_OFFICE,
            "accepts the undertaking: good in all five states",
            AcceptUndertaking(self.grn),
            keep="guarantee-accepted",
        )
        member = cast.DEPARTURE[:2]
        await self._act(
            cast.GUARANTEE_OFFICE,
            f"certifies it for releases in {member}: security given in another state",
            IssueCertificate(
                grn=self.grn,
                member=member,
                certificate_kind=CertificateKind.GENERAL,
                amount=amount,
                valid_to_ms=undertaking.valid_to_ms,
            ),
            keep="guarantee-certified",
        )

    async def declare(self) -> None:
        """A real CC015C becomes a declaration; its particulars stay at home."""
        with self.stage.act(cast.DECLARANT, "imports DNGB6-cc015c.xml, a real CC015C") as act:
            lodging = self.import_declaration("DNGB6-cc015c.xml")
            imported = self.imported
            assert imported is not None
            home = self.union.client(cast.DECLARANT[:2])
            for particulars in imported.particulars:
                await home.put_payload(particulars)
            act.note = f"{len(imported.particulars)} groups of particulars kept in KG"
        for notice in imported.replacements:
            self.stage.say(str(notice))
        await self._act(
            cast.DECLARANT,
            f"lodges the declaration {lodging.lrn}",
            lodging,
            keep="declaration-lodged",
        )

    async def depart(self) -> None:
        """Registration, control, seal, release with its reservation."""
        assert self.imported is not None
        lodging = self.imported.lodging
        assert lodging is not None
        now = time.time_ns() // 1_000_000
        serial = secrets.token_hex(6).upper()
        self.mrn = make_mrn(ledger_year(now), "KG", serial)
        office = cast.DEPARTURE
        await self._act(
            office,
            f"registers it: MRN {self.mrn}",
            Register(cast.DECLARANT, lodging.lrn, self.mrn, None),
            keep="movement-registered",
        )
        await self._act(
            office,
            "decides on control, and finds the goods as declared",
            RecordControl(self.mrn, ControlDecision.REQUIRED, "risk profile 7"),
            RecordControl(self.mrn, ControlDecision.SATISFACTORY, "scanned, no discrepancy"),
            keep="control-at-departure",
        )
        await self._act(
            cast.SEAL_OPERATORS["KG"],
            f"enters navigation seal {SEAL} and activates it on the transport",
            RegisterSeal(SEAL, "NavSeal 4", "CERT-2026-0042"),
            ActivateSeal(SEAL, self.mrn, self.transport, BISHKEK),
            keep="seal-activated",
        )
        release = self.release(self.mrn, now)
        await self._act(
            office,
            "releases the goods and reserves the guarantee, in one record",
            release,
            keep="movement-released",
        )
        await self.show_guarantee()

    async def cross(self) -> None:
        """The border to Kazakhstan: crossing noted, monitoring handed over."""
        await self._act(
            cast.TRANSIT,
            "notes the crossing, seals intact",
            NoteCrossing(self.mrn, seals_intact=True, note=""),
            keep="border-crossed",
        )
        await self._hand_over("KG", "KZ")

    async def false_alarm(self) -> None:
        """An alarm is a claim; an authority judges it."""
        await self._act(
            cast.SEAL_OPERATORS["KZ"],
            "reports event 03: off route by more than 50 km",
            ReportSealEvent(
                SEAL,
                SealEvent.OFF_ROUTE,
                occurred_ms=time.time_ns() // 1_000_000 - 1_000,
                latitude=43 * 3600 + 14 * 60,
                longitude=76 * 3600 + 53 * 60,
            ),
            keep="seal-alarm",
        )
        await self._act(
            cast.TRANSIT,
            "judges the alarm: dismissed, satellite signal was jammed",
            JudgeAlarm(SEAL, 1, Verdict.DISMISSED, "GNSS jamming, truck seen at the post"),
            keep="alarm-dismissed",
        )

    async def arrive(self) -> None:
        """Moscow: arrival, unloading, completion."""
        await self._hand_over("KZ", "RU")
        await self._act(
            cast.CARRIER,
            "notifies arrival at Moscow",
            NotifyArrival(self.mrn, cast.DESTINATION),
            keep="arrival-notified",
        )
        await self._act(
            cast.DESTINATION,
            "takes the arrival and orders unloading under control",
            RecordArrival(self.mrn, seals_intact=True, control_required=True),
            RecordUnloading(self.mrn, conform=True, seals_intact=True, discrepancies=()),
            keep="arrival-recorded",
        )
        await self._act(
            cast.SEAL_OPERATORS["RU"],
            "takes the seal off: it is free again",
            DeactivateSeal(SEAL, MOSCOW),
        )
        await self._act(
            cast.DESTINATION,
            "completes the procedure: the duty of delivery has ended",
            Complete(self.mrn, ""),
            keep="procedure-completed",
        )

    async def discharge(self) -> None:
        """Bishkek discharges: the reservation is free."""
        await self._act(
            cast.DEPARTURE,
            "discharges the movement; the reservation is freed",
            Discharge(self.mrn),
            keep="movement-discharged",
        )
        await self.show_guarantee()

    # ------------------------------------------------------------ pieces

    def import_declaration(self, message: str) -> Lodge:
        """Read a message as the declarant would, once; its salts are drawn here."""
        if self.imported is None or message != self._message:
            self._message = message
            self.imported = import_message(
                RESOURCES.joinpath("messages", message).read_bytes(),
                Translation.from_json(RESOURCES.joinpath("translation.json").read_bytes()),
                salts=lambda: secrets.token_bytes(32),
                carrier=cast.CARRIER,
            )
        assert self.imported.lodging is not None, "a CC015C is a declaration"
        return self.imported.lodging

    def release(self, mrn: str, now_ms: int, seal: str = SEAL) -> Release:
        """The office's release of a movement on this route, under this seal."""
        return Release(
            mrn=mrn,
            seals=(seal,),
            identification="",
            mode=TransportMode.ROAD,
            route_km=ROUTE_KM,
            deadline_ms=now_ms + 30 * DAY_MS,
            binding_route=True,
            prohibitions_cleared=True,
        )

    async def show_guarantee(self) -> None:
        """What the guarantor sees at its own node, once that node holds the last act final too."""
        await self.union.client(cast.GUARANTOR[:2]).wait_final(self.union.last)
        seen = await self.union.client(cast.GUARANTOR[:2]).object(f"guarantee/{self.grn}")
        account = seen.value
        self.stage.say(
            f"guarantee {self.grn} as {cast.GUARANTOR} sees it in BY: "
            f"{account['reserved'] / 100:,.2f} of {account['reference_amount'] / 100:,.2f} "
            f"{account['currency']} reserved for {account['open']} open movement(s)"
        )

    async def _hand_over(self, giver: str, taker: str) -> None:
        await self._act(
            cast.SEAL_OPERATORS[giver],
            f"offers the monitoring to {cast.SEAL_OPERATORS[taker]}",
            OfferHandover(self.transport, cast.SEAL_OPERATORS[taker]),
        )
        await self._act(
            cast.SEAL_OPERATORS[taker],
            "takes the monitoring over: never two in charge, never none",
            AcceptHandover(self.transport),
            keep=f"monitoring-{taker}",
        )

    async def _act(self, who: str, what: str, *records: Record, keep: str = "") -> None:
        with self.stage.act(who, what):
            expect_accepted(await self.union.act(who, *records, keep=keep))
