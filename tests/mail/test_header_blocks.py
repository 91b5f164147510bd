"""The headers of the quoted mail written out above it, as Outlook and others do, in plain or bold, under a line or not."""

import pytest

from mail.quotes import strip_quote

LANGUAGES = {
    "english": "From|Sent|To|Subject",
    "english, mobile": "From|Date|To|Subject",
    "german": "Von|Gesendet|An|Betreff",
    "german, apple": "Von|Datum|An|Betreff",
    "french": "De|Envoyé|À|Objet",
    "spanish": "De|Enviado el|Para|Asunto",
    "portuguese": "De|Enviada em|Para|Assunto",
    "italian": "Da|Inviato|A|Oggetto",
    "dutch": "Van|Verzonden|Aan|Onderwerp",
    "swedish": "Från|Skickat|Till|Ämne",
    "danish": "Fra|Sendt|Til|Emne",
    "finnish": "Lähettäjä|Lähetetty|Vastaanottaja|Aihe",
    "polish": "Od|Wysłano|Do|Temat",
    "czech": "Od|Odesláno|Komu|Předmět",
    "slovak": "Od|Odoslané|Komu|Predmet",
    "hungarian": "Feladó|Elküldve|Címzett|Tárgy",
    "romanian": "De la|Trimis|Către|Subiect",
    "russian": "От|Отправлено|Кому|Тема",
    "ukrainian": "Від|Надіслано|Кому|Тема",
    "ukrainian, thunderbird": "Від кого|Дата|Кому|Тема",
    "bulgarian": "От|Изпратено|До|Относно",
    "greek": "Από|Στάλθηκε|Προς|Θέμα",
    "turkish": "Kimden|Gönderildi|Kime|Konu",
    "croatian": "Od|Poslano|Za|Predmet",
    "slovene": "Od|Poslano|Za|Zadeva",
    "estonian": "Saatja|Saadetud|Adressaat|Teema",
    "latvian": "No|Nosūtīts|Kam|Tēma",
    "lithuanian": "Nuo|Išsiųsta|Kam|Tema",
    "hebrew": "מאת|נשלח|אל|נושא",
    "arabic": "من|أرسلت|إلى|الموضوع",
    "vietnamese": "Từ|Đã gửi|Đến|Chủ đề",
    "indonesian": "Dari|Dikirim|Kepada|Subjek",
    "indonesian, another": "Dari|Terkirim|Ke|Subjek",
    "thai, another": "จาก|ส่ง|ถึง|เรื่อง",
    "arabic, another": "من|تم الإرسال|إلى|الموضوع",
    "thai": "จาก|ส่งเมื่อ|ถึง|เรื่อง",
    "japanese": "差出人|送信日時|宛先|件名",
    "chinese": "发件人|发送时间|收件人|主题",
    "chinese, traditional": "寄件者|寄件日期|收件者|主旨",
    "korean": "보낸 사람|보낸 날짜|받는 사람|제목",
}
VALUES = ("Support <support@example.com>", "Monday, November 16, 2026 10:30 AM", "Greta Gold", "broken")


def block(names: str, form: str = "{}: {}", between: str = "\n") -> str:
    return between.join(form.format(name, value) for name, value in zip(names.split("|"), VALUES, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_header_block_is_folded(language: str) -> None:
    assert strip_quote(f"Fine.\n\n{block(LANGUAGES[language])}\n\nTry this.\nS.\n")[0] == "Fine."


@pytest.mark.parametrize("language", ["english", "german", "dutch", "ukrainian", "french", "polish", "japanese"])
@pytest.mark.parametrize("form", ["*{}:* {}", "*{}*: {}", "**{}:** {}", "> {}: {}", "{} : {}", "{}：{}", "  {}: {}"])
def test_in_bold_and_other_forms(language: str, form: str) -> None:
    assert strip_quote(f"Fine.\n\n{block(LANGUAGES[language], form)}\n\nTry this.\n")[0] == "Fine."


@pytest.mark.parametrize("rule", ["_" * 32, "-" * 5, "-" * 60, "=" * 20, "* * * * * *", "—" * 10, "─" * 12])
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
@pytest.mark.parametrize("form", ["{}: {}", "*{}:* {}"])
def test_a_line_above_it_belongs_to_it(rule: str, gap: str, form: str) -> None:
    assert strip_quote(f"Fine.\n\n{rule}{gap}{block(LANGUAGES['english'], form)}\n\nTry this.\n")[0] == "Fine."


@pytest.mark.parametrize("between", ["\n\n", "\n  <support@example.com>\n"])
def test_headers_that_are_spread_out(between: str) -> None:
    assert strip_quote(f"Fine.\n\n{block(LANGUAGES['english'], between=between)}\n\nTry this.\n")[0] == "Fine."


def test_with_further_headers_and_a_folded_list() -> None:
    headers = "From: A <a@b.example>\nSent: Monday\nTo: B;\n C;\n D\nCc: E\nImportance: High\nSubject: x"
    assert strip_quote(f"Fine.\n\n{headers}\n\nTry this.\n")[0] == "Fine."


ORIGINALS = [
    "-----Original Message-----", "----- Original message -----", "-------- Original Message --------",
    "-----Ursprüngliche Nachricht-----", "-------- Originalnachricht --------", "-----Message d'origine-----",
    "-----Mensaje original-----", "-----Messaggio originale-----", "-----Oorspronkelijk bericht-----",
    "-----Mensagem original-----", "-----Ursprungligt meddelande-----", "-----Oprindelig meddelelse-----",
    "-----Alkuperäinen viesti-----", "-----Wiadomość oryginalna-----", "-----Původní zpráva-----",
    "-----Eredeti üzenet-----", "-----Mesaj original-----", "-----Исходное сообщение-----",
    "-----Початкове повідомлення-----", "-----Orijinal Mesaj-----", "-----Αρχικό μήνυμα-----", "-----原始邮件-----",
    "-----元のメッセージ-----", "-----원본 메시지-----", "________ Original Message ________",
]  # fmt: skip


@pytest.mark.parametrize("line", ORIGINALS)
def test_the_original_message(line: str) -> None:
    assert strip_quote(f"Fine.\n\n{line}\nFrom: x\n\nTry this.\n")[0] == "Fine."


FORWARDS = [
    "---------- Forwarded message ---------", "---------- Weitergeleitete Nachricht ---------",
    "---------- Message transféré ---------", "---------- Doorgestuurd bericht ---------",
    "---------- Пересылаемое сообщение ---------", "---------- Переслане повідомлення ---------",
    "Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:", "Début du message réexpédié :",
]  # fmt: skip


@pytest.mark.parametrize("line", FORWARDS)
def test_what_is_forwarded_is_to_be_read(line: str) -> None:
    text = f"See below.\n\n{line}\n{block(LANGUAGES['english'])}\n\nThe words."
    assert strip_quote(text) == (text, "")


@pytest.mark.parametrize(
    "headers",
    [
        "Gesendet: Montag, 16. November 2026 um 10:30 Uhr\nVon: Support <s@x.example>\nAn: x\nBetreff: y",
        "Date: Mon, 16 Nov 2026 10:30\nFrom: Support <s@x.example>\nTo: x\nSubject: y",
        "To: x\nFrom: s@x.example\nDate: 16.11.2026 10:30\nSubject: y",
        "-----\n\n*Van:* Support <s@x.example>\n*Verzonden:* maandag 16 november 2026 10:30\n*Aan:* x\n*Onderwerp:* y",
        "From:\tSupport <s@x.example>\nSent:\tMonday, 16 Nov 10:30\nTo:\tx\nSubject:\ty",
        "Від: Support <s@x.example>\nДата: понеділок, 16 листопада 2026 р. о 10:30\nКому: x\nТема: y",
        "-----\nFrom: Support <s@x.example>\nSent: Monday, 16 Nov 2026 10:30\nSubject: y",
        "From: Support <s@x.example>\nTo: x\nSubject: y",
        "From: Support\nSent: Monday, 16 Nov 2026 10:30\nTo: x",
        "From: Support\nReply-To: s@x.example\nSent: Monday\nTo: x\nSubject: y",
        "--- Оригінальне повідомлення ---\nВід кого: Support <s@x.example>\nДата: 16 листопада 2026, 10:30:00",
    ],
)
def test_in_the_order_of_other_programs(headers: str) -> None:
    assert strip_quote(f"Fine.\n\n{headers}\n\nTry this.\n")[0] == "Fine."


BLOCKS_OF_NAMES = {
    "Foxmail": "From: Support\nDate: 2026-11-24 10:30\nTo: Ann\nSubject: {}\n\nTry this.",
    "Foxmail, chinese": "发件人： Support\n发送时间： 2026-11-24 10:30\n收件人： Ann\n主题： {}\n\nTry this.",
    "Windows Mail": "From: Support\nSent: 24 November 2026 10:30\nTo: Ann\nSubject: {}\n\nTry this.",
}


@pytest.mark.parametrize("name", BLOCKS_OF_NAMES)
def test_names_and_numbers_are_a_quote_where_they_are_about_what_is_answered(name: str) -> None:
    own = "Am 16.11.2026 um 10:30 schrieb Herr Meier:\n\nEs ist getan.\n\nIst es nicht."
    for answer, quoted in (
        ("Re: Printer", "Printer"),
        ("AW: Re: Printer", "Re: printer"),
        ("回复: Printer", "Re: Printer"),
    ):
        text = f"{own}\n\n{BLOCKS_OF_NAMES[name].format(quoted)}"
        assert strip_quote(text, answer)[0].strip() == own
    for subject, quoted in (("Printer", "Printer"), ("Re: Printer", "Transport"), ("Re:", "")):
        text = f"{own}\n\n{BLOCKS_OF_NAMES[name].format(quoted)}"
        assert strip_quote(text, subject) == (text, "")


def test_a_forwarded_mail_that_is_marked_is_to_be_read() -> None:
    block = (
        "From: Carl <c@c.example>\nSubject: Invoice\nDate: 24 November 2026 at 10:30:00 CET\nTo: a@b.example\n\nWrong."
    )
    for begins in ("Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:"):
        text = "See below.\n\n" + "\n".join(f"> {line}" for line in (begins, "", *block.split("\n")))
        assert strip_quote(text, "Invoice") == (text, "")


@pytest.mark.parametrize(
    "names",
    [
        ("De", "Date", "Pour", "Sujet"), ("Od", "Dátum", "Pre", "Predmet"), ("送信元", "日付", "送信先", "件名"),
        ("Expeditorul", "Dată", "Destinatarul", "Subiectul"),
    ],
)  # fmt: skip
def test_heads_as_further_programs_name_them(names: tuple[str, ...]) -> None:
    values = ("Ann Bell <ann@b.example>", "2026-11-16 10:30", "bob@c.example", "Lamp 7")
    for colon in (": ", " : ", "："):
        block = "\n".join(f"{name}{colon}{value}" for name, value in zip(names, values, strict=True))
        assert strip_quote(f"It works.\n\n{block}\n\nPlease send it.", "Re: Lamp 7")[0] == "It works."
