"""A mail that is passed on is what its sender wants to be read, in whatever language a program says so."""

import pytest

from mail.quotes import strip_quote
from mail.subjects import answers, passed_on

HEAD = "From: Ann Bell <ann@b.example>\nTo: bob@c.example\nSubject: Lamp 7\nDate: 16 November 2026 10:30:15"
WORDS = "It flickers.\nPlease send another."


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


BEGINS = [
    "Začátek přeposílané zprávy:", "Začiatok preposlanej správy:", "Start på videresendt besked:", "Videresendt melding:",
    "Vidarebefordrat mejl:", "Välitetty viesti alkaa:", "Započni proslijeđenu poruku:", "Továbbított levél kezdete:",
    "Początek przekazywanej wiadomości:", "Início da mensagem encaminhada:", "Începe mesajul redirecționat:",
    "İleti başlangıcı:", "Початок листа, що пересилається:", "Inici del missatge reenviat:", "下面是被转发的邮件：",
    "転送されたメッセージ:",
    "Begin forwarded message:", "Début du message transféré :",
]  # fmt: skip


@pytest.mark.parametrize("line", BEGINS)
@pytest.mark.parametrize("subject", ["Lamp", "Re: Lamp", ""])
def test_a_line_that_says_so_above_marked_lines(line: str, subject: str) -> None:
    head, words = marked(HEAD), marked(WORDS)
    for own in ("See below.\n\n", ""):
        for text in (f"{own}{line}\n\n{head}\n>\n{words}", f"{own}{marked(line)}\n>\n{head}\n>\n{words}"):
            assert strip_quote(text, subject) == (text, "")


CAPTIONS = [
    "Edelleenlähetetty viesti", "Välitetty viesti / Fwd.Msg", "Treść przekazanej wiadomości", "Wiadomość przesłana dalej",
    "İletilmiş Mesaj", "Перенаправлене повідомлення", "メッセージを転送", "Preposlaná správa", "Nuntius missus", "Neges ymlaen",
]  # fmt: skip


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("dashes", ["-----", "----------"])
def test_words_between_dashes_above_a_head(caption: str, dashes: str) -> None:
    ruled = f"{dashes} {caption} {dashes}"
    for subject in ("Lamp", "Re: Lamp"):
        for text in (
            f"{ruled}\n{HEAD}\n\n{WORDS}",
            marked(f"{ruled}\n{HEAD}\n\n{WORDS}"),
            f"{ruled}\n\n{HEAD}\n\n{marked(WORDS)}",
        ):
            assert strip_quote(f"See below.\n\n{text}", subject) == (f"See below.\n\n{text}", "")


@pytest.mark.parametrize("caption", ["Original Message", "Ursprüngliche Nachricht", "Message d'origine"])
def test_words_that_mean_the_answered_mail_are_a_quote_when_they_are_marked_too(caption: str) -> None:
    text = marked(f"----- {caption} -----\n{HEAD}\n\n{WORDS}")
    assert strip_quote(f"It works.\n\n{text}", "Re: Lamp 7")[0] == "It works."
    assert strip_quote(f"It works.\n\n{marked('-- Ann --')}\n{marked(WORDS)}", "Re: Lamp 7")[0] == "It works."


NORTH = (
    "Fra: Ann Bell <ann@b.example>\nSendt: 16. november 2026 10:30\nTil: bob@c.example\nEmne: Lamp 7\n\nDen blinker."
)
FINNISH = (
    "Lähettäjä: Ann Bell <ann@b.example>\nLähetetty: 16. marraskuuta 2026 10:30\nVastaanottaja: bob@c.example\n"
    "Aihe: Lamp 7\n\nSe vilkkuu."
)


@pytest.mark.parametrize("subject", ["VS: Lamp 7", "Vs: Lamp 7", "[EXTERN] VS: Lamp 7"])
def test_one_prefix_means_either_by_the_language_of_the_head(subject: str) -> None:
    for head in (NORTH, NORTH.replace("Fra:", "*Fra:*").replace("Emne:", "*Emne:*")):
        assert strip_quote(f"Se nedenfor.\n\n{head}", subject) == (f"Se nedenfor.\n\n{head}", "")
    assert strip_quote(f"Kiitos.\n\n{FINNISH}", subject)[0] == "Kiitos."
    assert answers(subject)


@pytest.mark.parametrize(
    "subject", ["Videresend: Lamp", "Videresendt: Lamp", "YÖN: Lamp", "Yönl: Lamp", "Vidarebef: Lamp"]
)
def test_further_subjects_of_what_is_passed_on(subject: str) -> None:
    assert passed_on(subject)
    assert not passed_on(subject.replace(":", ""))


@pytest.mark.parametrize(
    "line",
    [
        "----- Forwarded by Ann Bell/BGmbH on 16.11.2026 10:35 -----",
        "----- Forwarded by Ann Bell/BGmbH on 11/16/2026 10:35 AM -----",
        "----- Weitergeleitet von Ann Bell/BGmbH am 16.11.2026 10:35 -----",
        "----- Weitergeleitet von Ann Bell/BGmbH/DE am 16.11.2026 10:35:12 CET",
        "----- Transféré par Ann Bell/BSA le 16/11/2026 10:35 -----",
        "----- Reenviado por Ann Bell/BSA con fecha 16/11/2026 10:35 -----",
    ],
)
@pytest.mark.parametrize("subject", ["Lamp", "Re: Lamp"])
def test_notes_says_who_passes_it_on(line: str, subject: str) -> None:
    text = f"See below.\n\n{line}\n\n{HEAD}\n\n{WORDS}"
    assert strip_quote(text, subject, "x@b.example") == (text, "")
