"""Every leaf of a declaration belongs to exactly one group; access codes to none."""

from collections.abc import Iterator

import pytest
from lxml import etree
from ncts_samples import DECLARATION, CountingSalts, changed, manifest, sample

from ledger_node.codec import DecodeError, decode_any, encode
from ledger_node.interop.ncts import schema
from ledger_node.interop.ncts.groups import group_of, leaves_of, particulars_of
from ledger_node.interop.ncts.importer import import_message
from ledger_node.interop.ncts.reader import read
from ledger_node.ledger.particulars import ParticularGroup, Particulars, check_opening

G = ParticularGroup
XSD = "{http://www.w3.org/2001/XMLSchema}"


def leaf_paths_of_the_schema() -> Iterator[str]:
    """Every leaf a CC015C can have, read from the schema itself."""
    types = {}
    for file in ("cc015c", "ctypes", "htypes"):
        for kind in etree.parse(schema._FOLDER / f"{file}.xsd").getroot():
            if kind.tag in (f"{XSD}complexType", f"{XSD}group"):
                types[kind.get("name")] = kind

    def below(kind: etree._Element, path: str) -> Iterator[str]:
        for part in kind.iter(f"{XSD}element", f"{XSD}group"):
            if part.tag == f"{XSD}group":
                if part.get("ref"):
                    yield from below(types[part.get("ref")], path)
                continue
            name = f"{path}/{part.get('name')}" if path else str(part.get("name"))
            inner = types.get(part.get("type"))
            if inner is None:
                yield name
            else:
                yield from below(inner, name)

    yield from below(types["CC015CType"], "")


PATHS = list(leaf_paths_of_the_schema())
PUBLIC_ROOTS = (
    "message",
    "preparationDateAndTime",
    "correlationIdentifier",
    "TransitOperation",
    "CustomsOffice",
    "Guarantee",
)
PUBLIC_OF_CONSIGNMENT = {
    "Carrier/identificationNumber",
    "countryOfDispatch",
    "countryOfDestination",
    "containerIndicator",
    "grossMass",
}


def test_the_schema_has_the_leaves_we_think_of():
    assert len(PATHS) > 150
    assert "Consignment/HouseConsignment/ConsignmentItem/Commodity/descriptionOfGoods" in PATHS


@pytest.mark.parametrize("path", PATHS)
def test_only_public_fields_are_in_the_message_group(path: str):
    group = group_of(path)
    first, _, rest = path.partition("/")
    public = first.startswith(PUBLIC_ROOTS) or rest in PUBLIC_OF_CONSIGNMENT
    if path.endswith("accessCode"):
        assert group is None
    else:
        assert (group is G.MESSAGE) == public


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("HolderOfTheTransitProcedure/name", G.HOLDER),
        ("Representative/ContactPerson/name", G.HOLDER),
        ("Consignment/Consignor/Address/city", G.CONSIGNOR),
        ("Consignment/HouseConsignment[3]/Consignor/name", G.CONSIGNOR),
        ("Consignment/HouseConsignment[3]/Consignee/name", G.CONSIGNEE),
        ("Consignment/HouseConsignment/ConsignmentItem[2]/Packaging/shippingMarks", G.GOODS),
        ("Consignment/TransportEquipment[2]/Seal[1]/identifier", G.TRANSPORT),
        ("Consignment/HouseConsignment/DepartureTransportMeans/nationality", G.TRANSPORT),
        ("Consignment/HouseConsignment/ConsignmentItem/SupportingDocument/type", G.DOCUMENTS),
        ("Authorisation/referenceNumber", G.DOCUMENTS),
        ("Guarantee[2]/GuaranteeReference[9]/accessCode", None),
    ],
)
def test_a_leaf_goes_to_the_group_that_needs_it(path: str, group: ParticularGroup | None):
    assert group_of(path) is group


@pytest.mark.parametrize("file", [s.file for s in manifest() if s.kind == "CC015C"])
def test_the_groups_together_are_the_message_without_its_access_codes(file: str):
    root = read(sample(file)).root
    lodged = [leaf for leaf in root.leaves() if not leaf[0].endswith("accessCode")]
    kept = [leaf for each in particulars_of(root, CountingSalts()) for leaf in leaves_of(each)]
    assert sorted(kept) == sorted(lodged)
    assert len(set(kept)) == len(kept)


def test_a_group_is_reproducible_from_the_message_alone():
    xml = etree.fromstring(sample(DECLARATION))
    consignor = xml.findtext("Consignment/Consignor/identificationNumber")
    expected = encode([["Consignment/Consignor/identificationNumber", consignor]])
    imported = import_message(sample(DECLARATION), salts=CountingSalts())
    (group,) = (each for each in imported.particulars if each.group is G.CONSIGNOR)
    assert group.plaintext == expected
    assert decode_any(group.plaintext, what="group") == decode_any(expected, what="expected")


def test_layout_of_the_xml_does_not_change_the_plaintext():
    text = sample(DECLARATION).decode()
    compact = "".join(line.strip() for line in text.splitlines()).replace("<ncts", "\n\n<ncts")
    one, two = (
        import_message(data.encode(), salts=CountingSalts()).commitments for data in (text, compact)
    )
    assert one == two


def test_letters_in_two_code_points_become_one():
    composed = import_message(changed("toys", "caf\u00e9"), salts=CountingSalts())
    decomposed = import_message(changed("toys", "cafe\u0301"), salts=CountingSalts())
    assert composed.commitments == decomposed.commitments


def test_every_group_has_a_salt_of_its_own_and_opens_its_commitment():
    imported = import_message(sample(DECLARATION), salts=CountingSalts())
    assert len({each.salt for each in imported.particulars}) == len(imported.particulars)
    pairs = zip(imported.commitments, imported.particulars, strict=True)
    for (group, commitment), particulars in pairs:
        assert group is particulars.group
        check_opening(commitment, particulars)


def test_other_salts_give_other_commitments():
    salts = CountingSalts()
    one = import_message(sample(DECLARATION), salts=salts).commitments
    two = import_message(sample(DECLARATION), salts=salts).commitments
    assert not {digest for _, digest in one} & {digest for _, digest in two}


def test_a_group_that_the_message_does_not_have_is_left_out():
    groups = [g for g, _ in import_message(sample(DECLARATION), salts=CountingSalts()).commitments]
    assert G.DOCUMENTS not in groups
    simplified = import_message(sample("DSGB6-cc015c.xml"), salts=CountingSalts())
    assert G.DOCUMENTS in [group for group, _ in simplified.commitments]


@pytest.mark.parametrize("plaintext", [b"", b"\xc0", b"\x91\x91\xa1a", b"\x91\x92\xa1a\x01"])
def test_a_plaintext_of_another_form_is_not_read_as_leaves(plaintext: bytes):
    with pytest.raises(DecodeError):
        leaves_of(Particulars(G.GOODS, bytes(32), plaintext))


def test_neither_a_summary_nor_a_refusal_tells_particulars():
    imported = import_message(sample(DECLARATION), salts=CountingSalts())
    told = repr(imported.particulars) + "\n".join(imported.summary)
    for secret in ("Plastic toys", "XI175521246821", "WGPCGR", "NC15REG"):
        assert secret not in told
