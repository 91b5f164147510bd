from __future__ import annotations

import pytest

from mail.subjects import subject_stem


@pytest.mark.parametrize(
    "subject",
    [
        "printer", "Re: Printer", "RE: re: printer", "AW: Printer", "Antw: Printer", "SV: VS: Printer", "Odp: Printer",
        "RIF: Printer", "Re[2]: Printer", "Re(3): Printer", "Re^2: Printer", "R: Printer", "Ynt: Printer", "Отв: Printer",
        "回复：Printer", "返信: Printer", "[EXTERNAL] Re: Printer", "Re: [users] Printer", "Re :  Printer  [CAS-00001-AB12]",
    ],
)  # fmt: skip
def test_what_answers_and_lists_put_before_it_is_no_other_matter(subject: str) -> None:
    assert subject_stem(subject, "CAS-00001-AB12") == "printer"


@pytest.mark.parametrize(
    "subject", ["Fwd: Printer", "Speakers", "Printer 2", "[CAS-00002-AB12] Printer", "Rear printer", ""]
)
def test_another_matter_is_another(subject: str) -> None:
    assert subject_stem(subject, "CAS-00001-AB12") != "printer"
