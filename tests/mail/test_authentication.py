"""DMARC by the word of the trusted server, and of no other."""

from pathlib import Path

import pytest

from mail.authentication import Dmarc, dmarc
from mail.parse import parse

FIXTURE = Path(__file__).parents[1] / "fixtures" / "mail" / "authentication-results.eml"


def test_the_topmost_header_in_its_name_without_its_comments() -> None:
    assert dmarc(parse(FIXTURE.read_bytes()).auth_results, "MX.example.com") is Dmarc.FAIL


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ((), Dmarc.NONE),
        (("evil.example; dmarc=pass",), Dmarc.NONE),
        (("evil.example; dmarc=fail", "mx.example.com; dmarc=pass"), Dmarc.PASS),
        (("mx.example.com 1; spf=fail; DMARC = Pass",), Dmarc.PASS),
        (("mx.example.com; dmarc=temperror",), Dmarc.NONE),
        (("mx.example.com; none",), Dmarc.NONE),
        (("mx.example.com; x=y dmarc=pass",), Dmarc.NONE),
        (("",), Dmarc.NONE),
        (("mx.example.com; spf=fail (; dmarc=pass (x) ); dmarc=fail",), Dmarc.FAIL),
        (('mx.example.com; spf=fail reason="; dmarc=pass"',), Dmarc.NONE),
        (('mx.example.com; spf=fail reason="a\\"; dmarc=pass"; dmarc=fail',), Dmarc.FAIL),
        (("mx.example.com; spf=fail (a\\); dmarc=pass",), Dmarc.NONE),
        (("(x) mx.example.com (y); dmarc=pass",), Dmarc.PASS),
    ],
)
def test_verdicts(results: tuple[str, ...], verdict: Dmarc) -> None:
    assert dmarc(results, "mx.example.com") is verdict
