"""Own words are never folded away: texts that look like attributions, header blocks, signatures or devices, and are none."""

import re

import pytest

from mail.quotes import strip_quote

ALL_OWN = {
    "a sentence with a date, and wrote": "On 16.11. your colleague wrote:\n\nWe will come.\n\nNobody came.",
    "over two lines": "On 16.11. I asked\nyour colleague and he wrote:\nWe will come.\nNobody came.",
    "two sentences": "On 5 May 2026 I called you. Your colleague wrote:\n\nWe will come.\n\nNobody came.",
    "torn by a blank line": "On 5 May 2026 I called you.\n\nYour colleague wrote:\n\nWe will come.\n\nNobody came.",
    "a day of the week": "On Monday the technician wrote:\n\nIt is done.\n\nIt is not.",
    "with a name and no time": "On 16.11.2026 Mr Meier wrote:\n\nIt is done.\n\nIt is not.",
    "with a name and a time": "Am 16.11.2026 um 10:30 schrieb Herr Meier:\n\nEs ist getan.\n\nIst es nicht.",
    "german, to me": "Am Montag, 16. November 2026 um 10:30 schrieb mir Herr Meier:\n\nEs ist getan.\n\nIst es nicht.",
    "german, your": "Am 16.11.2026 um 10:30 Uhr schrieb Ihr Kollege:\n\nWir kommen.\n\nNiemand kam.",
    "dutch": "Op 16 november schreef uw collega:\n\nWij komen.\n\nNiemand kwam.",
    "french": "Le 16 novembre votre collègue a écrit :\n\nNous venons.\n\nPersonne.",
    "ukrainian": "16 листопада ваш колега написав:\n\nМи прийдемо.\n\nНіхто не прийшов.",
    "spanish": "El 16 de noviembre su colega escribió:\n\nVenimos.\n\nNadie vino.",
    "without a date": "The manual says, and the vendor wrote:\n\nTurn it off.\n\nI did.",
    "a name alone": "Peter wrote:\n\nTurn it off.\n\nI did.",
    "a list of contacts": "Write to:\n\nPeter <peter@example.net>:\nhe knows it.\n\nAnna <anna@example.net>:\nshe does.",
    "an address and a colon": "The sender was <noreply@shop.example>:\nI do not know them.",
    "an order form": "From: Berlin\nTo: Munich\nDate: 5 May\n\nPlease send two chairs.",
    "an order form, german": "Von: Berlin\nAn: München\nDatum: 5. Mai\n\nBitte zwei Stühle.",
    "an order form with a time": "From: Berlin\nTo: Munich\nTime: 10:30\n\nPlease send two chairs.",
    "a route": "Von: Lager 1\nNach: Lager 2\nDatum: 05.05.2026 10:30\nGewicht: 5 kg\n\nBitte abholen.",
    "a form on a page": "Neue Anfrage:\n\nVon: Greta <greta@example.net>\nDatum: 16.11.2026 10:30\nBetreff: Lift\n\nEr steht.",
    "a form on a page, english": "From: Greta <g@example.net>\nSubject: Lift\nSent: 10:30\nMessage: It is stuck.",
    "a letter's head": "To: whom it may concern\n\nThe lift is stuck.\n\nFrom: Greta\nDate: 16.11.2026 10:30",
    "two headers": "Subject: the lift\nTo: whom it may concern\n\nIt is stuck.",
    "a device in a sentence": "The alarm is sent from my phone to your server and never arrives.\n\nWhy?",
    "a device as the last line": "It was sent from my office, and you never got it.",
    "a device in a question": "Sent from my iPhone it arrives, from Outlook it does not. Why?",
    "a long text below two dashes": "Options:\n--\n" + "\n".join(f"line {number}" for number in range(20)),
    "a rule of dashes": "First.\n\n-----\n\nSecond.",
    "a heading between dashes": "---- Error log ----\nE42\n---- End ----\n\nWhat now?",
    "a date at the beginning": "16.11.2026 10:30: the lift stopped.\n\n16.11.2026 10:45: it ran again.",
    "a log": "16.11.2026 10:30 server wrote:\nE42\n16.11.2026 10:31 server wrote:\nE43\n\nWhat now?",
    "marked lines first": "> is it on?\n\nYes it is.",
    "marked lines between": "I read:\n\n> is it on?\n\nYes it is.\n\n> really?\n\nYes.",
    "answers in capitals": "On 16.11.2026 10:30, S wrote:\n> is it on?\nYES\n> really?\nYES",
    "bottom posted": "On Mon, Nov 16, 2026 at 10:30 AM Support <s@example.com> wrote:\n> Try this.\n\nI did.",
    "bottom posted, signed": "On 16.11.2026 10:30, S wrote:\n> Try this.\n\nI did.\n\nGreta",
    "a list with marks": "These do not work:\n\n> the lift\n> the door",
    "a list with marks, at the end": "Kim,\nthe 5 open points:\n> the lift\n\n> the door",
    "questions with marks": "Ich habe Fragen:\n> Geht es mit Linux?\n> Braucht es Strom?",
    "what a terminal says": "Here's the output:\n\n> npm install\n> failed with code 1",
    "a full-width colon": "次の二つです：\n> 電源\n> 扉",
    "a line of two dashes": "1. Open it.\n--\n2. Click.\nIt fails.",
    "one more thing below two dashes": "Please cancel.\n--\nAnd one more thing: refund me.",
    "a postscript below a signature": "It works.\n\n-- \nGreta\n\nPS: please call me, the kitchen is flooded.",
    "a postscript, german": "Es geht.\n\n-- \nGreta\nP.S.: Bitte rufen Sie an.",
    "a postscript, spanish": "Funciona.\n\n-- \nGreta\n\nP.D.: Llame, por favor.",
    "a device in a sentence without a stop": "Sent from the workshop on Monday, the phone has not come yet.",
    "a device and a sentence behind it": "It is broken.\n\nSent via your Android app it also fails.",
    "a device, german": "Gesendet von meinem Mann am Montag, das Handy ist nicht da",
    "a letter's head in full": "From: Ann Bell\nTo: Acme Support\nDate: 5 May 2026\nSubject: Complaint\n\nThe lamp is broken.",
    "a request for an offer": "Von: Hamburg\nAn: Berlin\nDatum: 5. Mai 2026\nBetreff: Umzug\n\nBitte ein Angebot.",
    "a request for an offer, french": "De: Paris\nÀ: Lyon\nDate: 5 mai\nObjet: Déménagement\n\nUn devis, merci.",
    "a request for an offer, italian": "Da: Roma\nA: Milano\nData: 5 maggio\nOggetto: Trasloco\n\nUn preventivo, grazie.",
    "a head with a time": "From: Ann Bell\nTo: Acme Support\nDate: 5 May 2026 10:30\nSubject: Complaint\n\nIt is broken.",
    "a head with a time, american": "From: Ann Bell\nTo: Acme\nDate: May 5, 2026 10:30 AM\nSubject: Lamp\n\nIt is broken.",
    "a head with a time, german": "Von: Lager 1\nAn: Lager 2\nDatum: 05.05.2026 10:30\nBetreff: Umzug\n\nBitte abholen.",
    "a head with a time, french": "De: Paris\nÀ: Lyon\nDate: 5 mai 2026 à 10:30\nObjet: Colis\n\nUn devis, merci.",
    "a head with a time, spanish": "De: Madrid\nPara: Lima\nFecha: 5 de mayo, 10:30\nAsunto: Caja\n\nGracias.",
    "a consignment": "From: Berlin\nTo: Munich\nSent: 5 May 2026 10:30\nSubject: Parcel 7\n\nIt did not arrive.",
    "a printed head": "Von: Firma Bell, Am Markt 1\nAn: Acme\nDatum: 05.05.2026, 10:30 Uhr\nBetreff: Rechnung\n\nSie ist falsch.",
    "a printed head with an address": "From: Ann Bell <ann@b.example>\nTo: Acme\nDate: 5 May 2026\nSubject: Lamp\n\nBroken.",
    "a form with an address": "Von: Greta <g@x.example>\nAn: Support\nDatum: 16.11.2026\nBetreff: Lift\n\nEr steht.",
    **{
        f"a mail that is announced: {said}": f"{said}\n\n{above}From: Greta <g@x.example>\nTo: Support\n"
        "Sent: Monday, 16 Nov 2026 10:30\nSubject: Lift\n\nIt is stuck."
        for said, above in (
            ("New message:", ""), ("This is what came:", ""), ("Das kam heute an:", "-----Original Message-----\n"),
            ("Voici ce que j'ai reçu :", ""), ("Please see to this one:", "________________________________\n"),
            ("Neue Anfrage über das Formular:", ""), ("以下をご確認ください：", ""),
        )
    },
    "a heading, original message": "-----Original Message-----\nis what your form prints on each page.\nWhy?",
    "a heading, original message, german": "----- Ursprüngliche Nachricht -----\n\nDas steht auf dem Bon.\n\nWarum?",
    "a heading, original message, with a list": "--- Original message ---\nE42 door open\n--- New message ---\nE43",
    "a heading, original message, spanish": "-----Mensaje original-----\nEsto lee el cliente en la pantalla.",
    "a heading, original message, dutch": "-----Oorspronkelijk bericht-----\nDat staat erop.\nWat nu?",
    "what you wrote": "On Monday, 16 November 2026, 10:30 you wrote:\n\nWe will come.\n\nNobody came.",
    "what you wrote, german": "Am Montag, 16. November 2026, 10:30 schrieben Sie:\n\nWir kommen.\n\nNiemand kam.",
    "a letter to somebody": "16.11.2026 10:30 an Kim <kim@b.example> geschickt:\n\nBitte kommen.\n\nNiemand kam.",
    "what was sent to whom, croatian": "Dana 16.11.2026 u 10:30 sam poslao na Kim <kim@b.example> ovo:\n\nDođite.\n\nNitko.",
    "what was sent to whom, hindi": "16 नव॰ 2026 10:30 Kim <kim@b.example> को भेजा:\n\nआइए।\n\nकोई नहीं आया।",
    "a diary": "----- 16.11.2026 10:30 -----\nThe lift stopped.\n----- 16.11.2026 10:45 -----\nIt ran again.",
    "a log with names": "Kim ---16.11.2026 10:30--- stopped\nKim ---16.11.2026 10:45--- ran\n\nWhat now?",
    "a letter on paper": "Ann Bell\n16.11.2026 10:30\n\nAn\nFirma Acme\n\nBetreff\nAufzug\n\nEr steht.",
    "a shell's prompt": ">>> import lift\n>>> lift.start()\nTraceback\n\nWhat is that?",
    "an answer below a quote below a signature": "It is on.\n-- \nGreta\n\nOn Mon, 16 Nov 2026 10:30 S <s@x.example> wrote:\n"
    "> Is it on?\nYes\n> Really?\nYes",
    **{
        f"passed on, {caption}": f"Kim\n\n-------- {caption} --------\n{block}\n\nIt is broken."
        for caption, block in (
            ("Edelleenlähetetty viesti", "Lähettäjä: Kim <k@x.example>\nPäivämäärä: ma 16. marraskuuta 2026\nVastaanottaja: Ann"),
            ("Továbbított levél", "Feladó: Kim <k@x.example>\nDátum: 2026. nov. 16., H, 10:30\nTárgy: x\nCímzett: Ann"),
            ("Перенаправленное сообщение", "Тема: x\nДата: Mon, 16 Nov 2026 10:30\nОт: Kim <k@x.example>\nКому: Ann"),
            ("Пересланий лист", "Від: Kim <k@x.example>\nДата: Mon, 16 Nov 2026 10:30\nКому: Ann\nТема: x"),
            ("转发的消息", "主题: x\n日期: Mon, 16 Nov 2026 10:30\n发件人: Kim <k@x.example>\n收件人: Ann"),
            ("전달된 메시지", "제목: x\n날짜: Mon, 16 Nov 2026 10:30\n보낸 사람: Kim <k@x.example>\n받는 사람: Ann"),
            ("Pesan terusan", "Dari: Kim <k@x.example>\nDate: Sen, 16 Nov 2026\nSubject: x\nTo: Ann"),
            ("Tin nhắn được chuyển tiếp", "Từ: Kim <k@x.example>\nDate: Th 2, 16 thg 11, 2026\nSubject: x\nTo: Ann"),
            ("Edastatud kiri", "Saatja: Kim <k@x.example>\nKuupäev: E, 16. november 2026\nTeema: x\nSaaja: Ann"),
            ("Pārsūtītā vēstule", "No: Kim <k@x.example>\nDatums: pirmd., 2026-11-16\nTēma: x\nKam: Ann"),
            ("Persiųstas laiškas", "Nuo: Kim <k@x.example>\nData: 2026-11-16 10:30\nTema: x\nKam: Ann"),
            ("Treść przekazanej wiadomości", "Temat: x\nData: Mon, 16 Nov 2026\nNadawca: Kim <k@x.example>\nAdresat: Ann"),
            ("Xyzzy plugh", "From: Kim <k@x.example>\nSent: Mon, 16 Nov 2026\nTo: Ann\nSubject: x"),
        )
    },
    "only a quote": "> Try this.\n> S.",
    "only an attribution and a quote": "On 16.11.2026 10:30, S <s@example.com> wrote:\n> Try this.",
}  # fmt: skip


@pytest.mark.parametrize("name", ALL_OWN)
def test_own_words_are_shown(name: str) -> None:
    text = ALL_OWN[name]
    assert strip_quote(text) == (text, "")


@pytest.mark.parametrize("name", ALL_OWN)
def test_nor_are_they_folded_below_other_own_words(name: str) -> None:
    text = f"Good morning,\n\n{ALL_OWN[name]}\n\nKind regards\nGreta"
    visible, _ = strip_quote(text)
    assert visible.endswith("Greta")


ABOUT_A_MAIL = {
    "a form on a page": "New message received\n\nFrom: Ann <a@x.example>\nTo: support@desk.example\nDate: 16.11.2026 10:30\n"
    "Subject: Lamp\n\nIt is broken.",
    "a fax": "New fax.\n\nFrom: +49 30 12345\nTo: +49 30 54321\nDate: 16.11.2026 10:30\nSubject: fax@x.example\n\nSee "
    "the file.",
    "a voice mail": "Voice mail\nFrom: <+15550100@x.example>\nTo: 200\nSent: 2026-11-16 10:30\nIt says: please call.",
    "phishing": "I got this.\n\nFrom: Bank <pay@x.example>\nTo: Ann\nSubject: Pay now\n\nIs it from you?",
}  # fmt: skip
"""Own words under a subject of one's own; where the mail is an answer, they are a quote."""


@pytest.mark.parametrize("name", ABOUT_A_MAIL)
def test_what_one_writes_about_is_shown(name: str) -> None:
    text = ABOUT_A_MAIL[name]
    assert strip_quote(text, "A question about the desk") == (text, "")
    for answer in (("Re: A question",), ("[EXTERN] AW: A question",), ("A question", "o1@desk.example")):
        assert strip_quote(text, *answer)[1]


def test_of_the_same_matter_it_is_a_quote() -> None:
    text = "Fine.\n\nFrom: S <s@x.example>\nSent: 16 November 2026 10:30\nTo: Ann\nSubject: RE: [EXT] Lamp\n\nTry this."
    assert strip_quote(text, "Lamp")[0] == "Fine."
    assert strip_quote(text, "[CAS-00001-AB12] Lamp")[0] == "Fine."
    assert strip_quote(text.replace("16 Nov", "Monday, 16 Nov"), "Another one")[0] == "Fine."


DATED = re.compile(r"16\.11\.2026( 10:30)?$")
ABOVE = [
    "It works", "It works.", "Yes", "Le service marche", "Es geht seit dem 16.11.2026", "It works since 16.11.2026.",
    "On Monday it worked", "Am Freitag ging es", "Op vrijdag werkte het", "16.11.2026", "16.11.2026: it works",
    "Greta", "Greta <greta@example.net>", "Best regards, Greta <greta@example.net>", "Call 16.11.2026 10:30",
]  # fmt: skip
ATTRIBUTIONS = [
    "On Mon, Nov 16, 2026 at 10:30 AM Support <s@example.com> wrote:",
    "Am 16.11.2026 um 10:30 schrieb Support <s@example.com>:",
    "Le lun. 16 nov. 2026 à 10:30, Support <s@example.com> a écrit :",
    "16.11.2026 10:30, Support <s@example.com> пише:",
    "Support <s@example.com> schreef:",
]


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> Try this.", "\nTry this."])
def test_the_line_right_above_an_attribution_is_no_part_of_it(above: str, attribution: str, quote: str) -> None:
    if "schreef" in attribution and DATED.search(above):
        return  # which may be the first half of it
    visible, _ = strip_quote(f"Hello,\n\nThanks.\n{above}\n{attribution}\n{quote}\n")
    assert above in visible.split("\n")
    visible, _ = strip_quote(f"Hello,\n\n{above}\n{attribution}\n{quote}\n")
    assert above in visible.split("\n")


@pytest.mark.parametrize(
    "above", ["Subject: the lift", "Betreff: Aufzug", "To: whom it may concern", "Date: 16.11.", "Von: mir"]
)
@pytest.mark.parametrize("between", ["\nHello\n\n", "\nHello,\nplease help.\n\n", "\n\nHello\n\n"])
def test_a_header_of_their_own_is_no_part_of_the_block_below(above: str, between: str) -> None:
    block = "From: Support <s@example.com>\nSent: Monday 10:30\nTo: Greta\nSubject: x\n\nTry this.\n"
    visible, tail = strip_quote(f"Hi.\n\n{above}{between}{block}")
    assert "Hello" in visible
    assert tail.startswith("From: Support")
