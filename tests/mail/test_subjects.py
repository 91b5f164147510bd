from __future__ import annotations

import pytest

from mail.subjects import answers, passed_on, subject_stem


@pytest.mark.parametrize(
    "subject",
    [
        "printer", "Re: Printer", "RE: re: printer", "AW: Printer", "Antw: Printer", "SV: VS: Printer", "Odp: Printer",
        "RIF: Printer", "Re[2]: Printer", "Re(3): Printer", "Re^2: Printer", "R: Printer", "Ynt: Printer", "Отв: Printer",
        "回复：Printer", "返信: Printer", "[EXTERNAL] Re: Printer", "Re: [users] Printer", "Re :  Printer  [CAS-00001-AB12]",
        "Odp.: Printer", "Réponse : Printer", "Svar: Printer", "Ответ: Printer", "תגובה: Printer", "Yanıt: Printer",
        "Răsp: Printer",
        "Odgovor: Printer", "Vastus: Printer", "Balas: Printer", "ตอบกลับ: Printer", "پاسخ: Printer", "***SPAM*** Re: Printer",
        "{Spam?} AW: Printer", "EXTERNAL: RE: Printer", "[EXT] External e-mail: SV: Printer",
        "Printer [1/3]", "Printer (2/3)", "Printer (part 3 of 3)", "Printer - Teil 2 von 3", "Re: Printer (Teil 2/3)",
    ],
)  # fmt: skip
def test_what_answers_and_lists_put_before_it_is_no_other_matter(subject: str) -> None:
    assert subject_stem(subject, "CAS-00001-AB12") == "printer"


@pytest.mark.parametrize(
    "subject",
    [
        "Fwd: Printer",
        "Speakers",
        "Printer 2",
        "[CAS-00002-AB12] Printer",
        "Rear printer",
        "Svarta Printer",
        "{2} Printer",
        "Printer 1/3",
        "Printer (11/2026)",
        "",
    ],
)
def test_another_matter_is_another(subject: str) -> None:
    assert subject_stem(subject, "CAS-00001-AB12") != "printer"


@pytest.mark.parametrize("subject", ["Re: x", "[EXTERN] AW: x", "***SPAM*** Odp.: x", "回复：x", "Re:"])
def test_an_answers_subject(subject: str) -> None:
    assert (answers(subject), passed_on(subject)) == (True, False)


@pytest.mark.parametrize("subject", ["Fwd: x", "[EXTERN] WG: x", "Weitergeleitet: x", "Переслать: x", "Προώθ.: x"])
def test_the_subject_of_what_is_passed_on(subject: str) -> None:
    assert (answers(subject), passed_on(subject)) == (False, True)


@pytest.mark.parametrize("subject", ["x", "", "Reader: x", "Forward: gear", "External drive: x", "Re x"])
def test_a_subject_of_its_own(subject: str) -> None:
    assert (answers(subject), passed_on(subject)) == (False, False)
