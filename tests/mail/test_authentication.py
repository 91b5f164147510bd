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
        (("mx.example.com; dkim=pass", "mx.example.com; dmarc=fail"), Dmarc.FAIL),
        (("mx.example.com; dkim=pass", "mx.example.com; dmarc=pass"), Dmarc.NONE),
        (("mx.example.com; dmarc=pass", "mx.example.com; dmarc=fail"), Dmarc.PASS),
        (("mx.example.com; dkim=pass", "evil.example; dmarc=fail"), Dmarc.NONE),
    ],
)
def test_verdicts(results: tuple[str, ...], verdict: Dmarc) -> None:
    assert dmarc(results, "mx.example.com") is verdict


DOMAIN = "customer.example"


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("dmarc=pass header.from=customer.example", Dmarc.PASS),
        ("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=Customer.Example", Dmarc.PASS),
        ("dmarc=pass action=none header.from=customer.example;compauth=pass reason=100", Dmarc.PASS),
        ("dmarc=pass header.from=casey@customer.example", Dmarc.PASS),
        ("dmarc=pass header . from = customer.example", Dmarc.PASS),
        ("dmarc/1=pass header.from=customer.example", Dmarc.PASS),
        ("dmarc=pass header.from=evil.example; dmarc=pass header.from=customer.example", Dmarc.PASS),
        ("dmarc=pass header.from=evil.example", Dmarc.OTHER),
        ("dmarc=pass header.from=customer.example.evil.example", Dmarc.OTHER),
        ("dmarc=pass header.from=evil.example (header.from=customer.example)", Dmarc.OTHER),
        ("dmarc=pass header.from=evil.example smtp.mailfrom=customer.example", Dmarc.OTHER),
        ("dmarc=pass", Dmarc.UNNAMED),
        ("dmarc=pass (header.from=customer.example)", Dmarc.UNNAMED),
        ("dmarc=pass x-header.from=customer.example", Dmarc.UNNAMED),
        ("dmarc=pass header.from=customer.example; dmarc=fail header.from=evil.example", Dmarc.FAIL),
        ("dmarc=fail header.from=evil.example", Dmarc.FAIL),
        ("dkim=pass header.from=customer.example; dmarc=none", Dmarc.NONE),
        ("x-dmarc=pass header.from=customer.example", Dmarc.NONE),
    ],
)
def test_a_verdict_counts_for_the_domain_that_it_is_about(results: str, verdict: Dmarc) -> None:
    assert dmarc([f"mx.example.com; {results}"], "mx.example.com", DOMAIN) is verdict


UNICODE, ASCII = "bücher.example", "xn--bcher-kva.example"


@pytest.mark.parametrize(("sender", "about"), [(UNICODE, ASCII), (ASCII, UNICODE), (ASCII, ASCII.upper())])
def test_a_verdict_is_about_a_domain_in_either_spelling(sender: str, about: str) -> None:
    assert dmarc([f"mx.example.com; dmarc=pass header.from={about}"], "mx.example.com", sender) is Dmarc.PASS
