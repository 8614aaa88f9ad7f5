"""Every sample message of the manifest is read as the manifest says."""

import re

import pytest
from ncts_samples import CountingSalts, Sample, manifest

from contracts.references import is_grn, is_mrn, make_grn, make_mrn
from ledger_node.interop.ncts.groups import leaves_of
from ledger_node.interop.ncts.importer import import_message
from ledger_node.interop.refusal import ImportRefused

SAMPLES = manifest()


def of(kind: str, *, valid: bool = True) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.kind == kind and sample.valid == valid]


def ids(sample: Sample) -> str:
    return sample.file


def test_the_manifest_is_the_one_we_know():
    assert len(SAMPLES) == 62
    assert sum(sample.valid for sample in SAMPLES) == 54
    assert {sample.kind for sample in SAMPLES if not sample.valid} == {"CC007C", "CC170C"}


def numbers(name: str) -> set[str]:
    """Every value of the elements of this name, in whatever namespace, in all samples."""
    pattern = re.compile(rf"<(?:\w+:)?{name}>([^<]*)</".encode())
    return {value.decode() for sample in SAMPLES for value in pattern.findall(sample.xml)}


def test_check_digits_agree_with_every_mrn_and_grn_of_the_samples():
    mrns, grns = numbers("MRN"), numbers("GRN")
    assert (len(mrns), len(grns)) == (15, 3)
    assert {mrn for mrn in mrns if not is_mrn(mrn)} == set()
    assert {grn for grn in grns if not is_grn(grn)} == set()
    for mrn in mrns:
        assert make_mrn(2000 + int(mrn[:2]), mrn[2:4], mrn[4:16], mrn[16]) == mrn
    for grn in grns:
        assert make_grn(2000 + int(grn[:2]), grn[2:4], grn[4:16]) == grn


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.valid], ids=ids)
def test_a_valid_message_is_read(sample: Sample):
    imported = import_message(sample.xml, salts=CountingSalts())
    assert imported.kind == sample.kind
    assert imported.phase == "NCTS5.1"
    assert (imported.declaration is not None) == (sample.kind in ("CC013C", "CC015C"))


@pytest.mark.parametrize("sample", of("CC007C", valid=False), ids=ids)
def test_an_arrival_of_phase_5_is_accepted_and_the_difference_reported(sample: Sample):
    imported = import_message(sample.xml, salts=CountingSalts())
    assert [notice.path for notice in imported.notices] == ["CC007C/TransitOperation/incidentFlag"]
    assert "dropped in phase 6" in imported.notices[0].text
    assert any("incidentFlag" in line for line in imported.summary)


def test_the_presentation_without_lrn_is_refused_and_the_refusal_names_it():
    (sample,) = of("CC170C", valid=False)
    with pytest.raises(ImportRefused) as refused:
        import_message(sample.xml, salts=CountingSalts())
    (problem,) = refused.value.problems
    assert problem.path == "CC170C/TransitOperation/LRN"
    assert problem.line == 8
    assert problem.reason.startswith("is empty; required is at least one character")
    assert r"\P{Z}(.*\P{Z})?" in problem.reason
    assert str(refused.value).startswith("CC170C refused\n  CC170C/TransitOperation/LRN (line 8)")


@pytest.mark.parametrize("sample", of("CC015C"), ids=ids)
def test_no_access_code_leaves_the_importer(sample: Sample):
    assert b"<accessCode>AC01</accessCode>" in sample.xml
    imported = import_message(sample.xml, salts=CountingSalts())
    everything = [repr(imported).encode(), *(line.encode() for line in imported.summary)]
    for particulars in imported.particulars:
        everything.append(particulars.plaintext)
        everything += [text.encode() for leaf in leaves_of(particulars) for text in leaf]
    assert not any(b"AC01" in each for each in everything)
    assert any("accessCode" in notice.path for notice in imported.notices)
