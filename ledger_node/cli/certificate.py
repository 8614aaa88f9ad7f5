"""`ledger-node certificate`: one page with a QR code that proves what it says."""

import argparse
from pathlib import Path
from typing import Final

from ledger_node.audit.certificate import Certificate, CertificateRefused, certify
from ledger_node.audit.report.pdf import PdfUnavailable, to_pdf
from ledger_node.cli import own_policy
from ledger_node.cli.connection import ask, connection
from ledger_node.cli.connection_options import add_connection_options
from ledger_node.cli.files import read_bounded, write_whole
from ledger_node.cli.outcome import ExitCode, refused, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say
from ledger_node.ledger.compact_proof import CompactRefused
from ledger_node.ledger.state_proof import (
    MAX_STATE_PROOF,
    StateProofRefused,
    parse_state_proof,
)
from ledger_node.log.policy import Policy

_EPILOG: Final = """\
KEY is the key of an object, as `ledger-node show` takes it: guarantee/GRN, movement/MRN,
reservation/GRN/MRN. FILE ends in .pdf or .html; the proof in the code is written beside it as
FILE.ctlproof. A PDF needs WeasyPrint: without it the same page is written as FILE.html.

examples:
  ledger-node certificate guarantee/20GB0000010000GX1 --policy union.policy \\
      --out guarantee.pdf --node https://ledger.example.by
  ledger-node certificate guarantee/20GB0000010000GX1 --policy union.policy \\
      --out guarantee.pdf --from free.state-proof
  ledger-node verify --policy union.policy guarantee.ctlproof
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = _EPILOG
    parser.add_argument("key", metavar="KEY", help="of an object, e.g. guarantee/20GB0000010000GX1")
    parser.add_argument(
        "--policy", required=True, type=Path, metavar="FILE", help="the union's trust policy"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="page to make")
    parser.add_argument(
        "--from",
        dest="given",
        type=Path,
        metavar="FILE",
        help="a state proof of KEY that you have, instead of asking a node",
    )
    add_connection_options(parser)
    parser.set_defaults(handler=certificate)


def certificate(options: argparse.Namespace) -> ExitCode:
    """Get the proof, make the page, write both, whole or not at all."""
    out: Path = options.out
    if out.suffix not in (".pdf", ".html"):
        raise usage(f"--out {out}: ends in neither .pdf nor .html")
    proof_out = out.with_suffix(".ctlproof")
    for each in (out, proof_out):
        if each.exists():
            raise usage(f"--out {out}: {each} exists")
    made = _certified(options, read_policy(options.policy))
    written = _write_page(out, made.page)
    write_whole(proof_out, made.proof)
    code = "code holds" if made.codes == 1 else f"{made.codes} codes hold"
    say(f"wrote {written} and {proof_out}, the {len(made.proof)} bytes that its {code};")
    say(f"`ledger-node verify --policy {options.policy} {proof_out}` says what they prove")
    return ExitCode.OK


def _certified(options: argparse.Namespace, policy: Policy) -> Certificate:
    try:
        if options.given is None:
            node = connection(options)
            asked = ask(node, lambda client: client.state_proof(options.key))
            proof = own_policy.state_proof(node.url, asked, policy)
        else:
            proof = read_bounded(options.given, MAX_STATE_PROOF)
        if (key := parse_state_proof(proof).key) != options.key:
            raise refused(f"the state proof is of {key}, not of {options.key}")
        return certify(proof, policy)
    except (StateProofRefused, CompactRefused, CertificateRefused) as error:
        raise refused(str(error)) from error


def _write_page(out: Path, page: str) -> Path:
    """Where the page went: beside a PDF that cannot be made, as HTML."""
    if out.suffix == ".pdf":
        try:
            write_whole(out, to_pdf(page))
            return out
        except PdfUnavailable as missing:
            out = out.with_suffix(".html")
            if out.exists():
                raise usage(f"no PDF: {missing.reason}; {out} exists") from missing
            say(f"no PDF: {missing.reason}")
    write_whole(out, page.encode())
    return out
