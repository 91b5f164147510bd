"""What programs write above the mail that they quote, in the languages that they speak: the quote and all that belongs to
it is folded, however the attribution is put."""

import pytest

from mail.quotes import strip_quote

QUOTE = "> Try this.\n> S."
ATTRIBUTIONS = {
    "english": "On Mon, Nov 16, 2026 at 10:30 AM Support <support@example.com> wrote:",
    "english, narrow blank": "On Mon, Nov 16, 2026 at 10:30\u202fAM Support <support@example.com> wrote:",
    "english, without name": "On 16 Nov 2026, at 10:30, support@example.com wrote:",
    "english, small name": "On Nov 16, 2026, at 10:30 AM, greta gold <greta@example.com> wrote:",
    "german": "Am 16.11.2026 um 10:30 schrieb Support:",
    "german, long": "Am Mo., 16. Nov. 2026 um 10:30 Uhr schrieb Support <support@example.com>:",
    "dutch": "Op ma 16 nov 2026 om 10:30 schreef Support <support@example.com>:",
    "dutch, thunderbird": "Op 16-11-2026 om 10:30 schreef Support:",
    "dutch, apple": "Op 16 nov 2026, om 10:30 heeft Support <support@example.com> het volgende geschreven:",
    "dutch, the following": "Op 16 november 2026 10:30 schreef Support <support@example.com> het volgende:",
    "ukrainian, gmail": "пн, 16 лист. 2026 р. о 10:30 Support <support@example.com> пише:",
    "ukrainian, thunderbird": "16.11.26 10:30, Support пише:",
    "ukrainian, apple": "16 лист. 2026 р., о 10:30, Support <support@example.com> написав(ла):",
    "ukrainian, has written": "16 листопада 2026 р. 10:30, Support написав:",
    "russian": "пн, 16 нояб. 2026 г. в 10:30, Support <support@example.com>:",
    "russian, thunderbird": "16.11.2026 10:30, Support пишет:",
    "russian, apple": "16 нояб. 2026 г., в 10:30, Support <support@example.com> написал(а):",
    "bulgarian": "На пн, 16.11.2026 г. в 10:30 Support <support@example.com> написа:",
    "belarusian": "пн, 16 ліс 2026 у 10:30 Support <support@example.com> піша:",
    "serbian": "пон, 16. нов 2026. у 10:30 Support <support@example.com> је написао/ла:",
    "croatian": "pon, 16. stu 2026. u 10:30 Support <support@example.com> napisao je:",
    "slovene": "V V pon., 16. nov. 2026 ob 10:30 je oseba Support <support@example.com> napisala:",
    "french": "Le lun. 16 nov. 2026 à 10:30, Support <support@example.com> a écrit :",
    "french, apple": "Le 16 nov. 2026 à 10:30, Support <support@example.com> a écrit\u00a0:",
    "spanish": "El lun, 16 nov 2026 a las 10:30, Support (<support@example.com>) escribió:",
    "spanish, apple": "El 16 nov 2026, a las 10:30, Support <support@example.com> escribió:",
    "catalan": "El dl., 16 de nov. 2026, 10:30, Support <support@example.com> va escriure:",
    "portuguese, brazil": "Em seg., 16 de nov. de 2026 às 10:30, Support <support@example.com> escreveu:",
    "portuguese": "Support <support@example.com> escreveu no dia segunda, 16/11/2026 à(s) 10:30:",
    "italian": "Il giorno lun 16 nov 2026 alle ore 10:30 Support <support@example.com> ha scritto:",
    "italian, apple": "Il giorno 16 nov 2026, alle ore 10:30, Support <support@example.com> ha scritto:",
    "romanian": "În lun., 16 nov. 2026 la 10:30, Support <support@example.com> a scris:",
    "polish": "pon., 16 lis 2026 o 10:30 Support <support@example.com> napisał(a):",
    "polish, thunderbird": "W dniu 16.11.2026 o 10:30, Support pisze:",
    "czech": "po 16. 11. 2026 v 10:30 odesílatel Support <support@example.com> napsal:",
    "czech, thunderbird": "Dne 16. 11. 26 v 10:30 Support napsal(a):",
    "slovak": "po 16. 11. 2026 o 10:30 Support <support@example.com> napísal(a):",
    "hungarian": "Support <support@example.com> ezt írta (időpont: 2026. nov. 16., H, 10:30):",
    "swedish": "Den mån 16 nov. 2026 kl 10:30 skrev Support <support@example.com>:",
    "danish": "Den man. 16. nov. 2026 kl. 10.30 skrev Support <support@example.com>:",
    "norwegian": "man. 16. nov. 2026 kl. 10:30 skrev Support <support@example.com>:",
    "icelandic": "Þann mán., 16. nóv. 2026 kl. 10:30 skrifaði Support <support@example.com>:",
    "finnish": "ma 16. marrask. 2026 klo 10.30 Support (support@example.com) kirjoitti:",
    "estonian": "Kuupäev E, 16. november 2026 kell 10:30 kirjutas Support <support@example.com>:",
    "latvian": "Pirmd., 2026. g. 16. nov., plkst. 10:30 — lietotājs Support (<support@example.com>) rakstīja:",
    "lithuanian": "2026-11-16, pr, 10:30 Support <support@example.com> rašė:",
    "greek": "Στις Δευ 16 Νοε 2026 στις 10:30 π.μ., ο χρήστης Support <support@example.com> έγραψε:",
    "turkish": "Support <support@example.com>, 16 Kas 2026 Pzt, 10:30 tarihinde şunu yazdı:",
    "hebrew": "\u202bבתאריך יום ב׳, 16 בנוב׳ 2026 ב-10:30 מאת \u202aSupport\u202c\u200f <\u202asupport@example.com\u202c\u200f>:\u202c",  # noqa: E501
    "arabic": "في الاثنين، ١٦ نوفمبر ٢٠٢٦ في 10:30 ص تمت كتابة ما يلي بواسطة Support <support@example.com>:",
    "vietnamese": "Vào Th 2, 16 thg 11, 2026 vào lúc 10:30 Support <support@example.com> đã viết:",
    "indonesian": "Pada tanggal Sen, 16 Nov 2026 pukul 10.30 Support <support@example.com> menulis:",
    "japanese": "2026年11月16日(月) 10:30 Support <support@example.com>:",
    "chinese": "Support <support@example.com> 于2026年11月16日周一 10:30写道：",
    "chinese, traditional": "Support <support@example.com> 於 2026年11月16日 週一 上午10:30寫道：",
    "korean": "2026년 11월 16일 (월) 오전 10:30, Support <support@example.com>님이 작성:",
    "date first, iso": "2026-11-16 10:30 GMT+01:00 Support <support@example.com>:",
    "date first, with seconds": "16/11/2026 10:30:15, Support <support@example.com> wrote:",
    "without a date": "Support <support@example.com> wrote:",
    "without a date, german": "Support <support@example.com> schrieb:",
    "without a date, dutch": "Support <support@example.com> schreef:",
    "without a date, nor an address": "Support schrieb:",
    "without a date, webmail": "Zitat von Support <support@example.com>:",
    "without a date, webmail, english": "Quoting Support <support@example.com>:",
    "torn in two": "On Mon, Nov 16, 2026 at 10:30 AM Support of the Example Company Limited\n<support@example.com> wrote:",
    "torn in three": "On Mon, Nov 16, 2026 at 10:30 AM Support of the Example\nCompany <support@example.com>\nwrote:",
    "torn in five": "On Mon, Nov 16, 2026\nat 10:30 AM\nSupport\n<support@example.com>\nwrote:",
    "torn, with blank lines": "On Mon, Nov 16, 2026 at 10:30 AM\n\nSupport <support@example.com> wrote:",
    "torn, german": "Am 16.11.2026 um 10:30 schrieb\nSupport <support@example.com>:",
    "torn, french": "Le lun. 16 nov. 2026 à 10:30, Support <\nsupport@example.com> a écrit :",
    "torn, dutch": "Op ma 16 nov 2026 om 10:30 schreef\nSupport <support@example.com>:",
    "torn within the address": "On Mon, Nov 16, 2026 at 10:30 AM Support <\nsupport@example.com> wrote:",
    "between dashes": "---- On Mon, 16 Nov 2026 10:30:00 +0100 Support <support@example.com> wrote ----",
}
WITHOUT_EVIDENCE = {"without a date, nor an address"}
"""For which the marks of the quote are the evidence."""


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_an_attribution_above_marked_lines_is_folded(name: str) -> None:
    assert strip_quote(f"It works.\n\n{ATTRIBUTIONS[name]}\n\n{QUOTE}\n")[0] == "It works."
    assert strip_quote(f"It works.\n\n{ATTRIBUTIONS[name]}\n{QUOTE}\n")[0] == "It works."


@pytest.mark.parametrize("name", [name for name, text in ATTRIBUTIONS.items() if "@" in text])
def test_an_attribution_with_an_address_is_enough(name: str) -> None:
    assert strip_quote(f"It works.\n\n{ATTRIBUTIONS[name]}\n\nTry this.\nS.\n")[0] == "It works."


@pytest.mark.parametrize("name", ATTRIBUTIONS)
@pytest.mark.parametrize("below", ["Yes.", "> More?\n\nYes.", "Yes.\n\n> More?\n\nNo.\n\n-- \nGreta"])
def test_answers_below_and_between_are_all_shown(name: str, below: str) -> None:
    visible, _ = strip_quote(f"{ATTRIBUTIONS[name]}\n{QUOTE}\n\n{below}\n")
    assert "Yes." in visible
    assert "No." in visible or "No." not in below
    assert "> Try this." in visible


OF_PROGRAMS = [
    "On Monday, 16 November 2026 at 10:30:00 CET, Support <s@x.example> wrote:",
    "On Monday, November 16th, 2026 at 10:30 AM, Support <s@x.example> wrote:",
    "On 16 November 2026 at 10:30, 'Support' via group <s@x.example> wrote:",
    "On 2026-11-16 10:30, Support wrote:",
    "Am 16.11.2026 10:30, schrieb Support:",
    "On 11/16/26 10:30 AM, Support wrote:",
    "Il 16/11/2026 10:30, Support ha scritto:",
    "El 16/11/26 a las 10:30, Support escribió:",
    "Den 16-11-2026 kl. 10:30 skrev Support:",
    "Em 16/11/2026 10:30, Support escreveu:",
    "Le 16/11/2026 à 10:30, Support a écrit :",
    "16.11.2026 klo 10:30 Support kirjoitti:",
    "2026. 11. 16. 10:30 keltezéssel, Support írta:",
    "W dniu 2026-11-16 o 10:30, Support pisze:",
    "2026/11/16 10:30、Support <s@x.example>のメール:",
    "Support <s@x.example>於 2026年11月16日 週一,上午10:30寫道:",
    "Em seg, 16 de nov de 2026 10:30, Support <s@x.example> escreveu:",
    "пн, 16 нояб. 2026 г., 10:30 Support <s@x.example>:",
    '16.11.2026, 10:30, "Support" <s@x.example>:',
    "Понедельник, 16 ноября 2026, 10:30 +03:00 от Support <s@x.example>:",
    "Support <s@x.example> schrieb am Mo., 16. Nov. 2026, 10:30:",
    "Support <s@x.example> schrieb am Mo., 16. Nov. 2026 um 10:30 Uhr:",
    "Op ma 16 nov. 2026 10:30 schreef Support <s@x.example>:",
    "Op 16 nov. 2026 om 10:30 heeft Support <s@x.example> het volgende geschreven:",
    "Support <s@x.example> schreef op ma 16 nov 2026 om 10:30:",
    "Op maandag 16 november 2026 heeft Support <s@x.example> het volgende geschreven:",
    "У пн, 16 лист. 2026 р. о 10:30 Support <s@x.example> пише:",
    "16.11.2026 10:30, Support пише:",
    '16 листопада 2026, 10:30:15, від "Support" <s@x.example>:',
    "W dniu pon., 16 lis 2026 o 10:30 Support <s@x.example> napisał(a):",
    "On Nov 16, 2026, at 10:30 AM, Support <s@x.example<mailto:s@x.example>> wrote:",
    'On Nov 16, 2026 10:30, "Support Team" <s@x.example> wrote:',
    "2026-11-16 10:30 GMT+01:00, Support <s@x.example>:",
    "2026年11月16日 10:30、Support <s@x.example>のメール:",
    '"Support" <s@x.example> writes:',
    "Support\n<s@x.example> writes:",
    "Support\n<s@x.example> schreef op 16 november 2026 om 10:30:",
    "Support\n<s@x.example> 于2026年11月16日周一 10:30写道：",
    "Zitat von Support\n<s@x.example>:",
    "Missatge de Support <s@x.example> del dia dl., 16 de nov. 2026 a les 10:30:",
    "Op Ma. 16 Nov. 2026 om 10:30 het Support <s@x.example> geskryf:",
    "Ar Llun, 16 Tach 2026 am 10:30 ysgrifennodd Support <s@x.example>:",
    "Support writes:",
    "Le lundi 16 novembre 2026 à 10:30:00 UTC+1, Support <s@x.example> a écrit :",
    "Am Montag, 16. November 2026 um 10:30:00 MEZ hat Support <s@x.example> Folgendes geschrieben:",
    "En lunes, 16 de noviembre de 2026, 10:30:00 CET, Support <s@x.example> escribió:",
    "Dňa 16. 11. 2026 o 10:30 Support napísal(a):",
    "Dana 16.11.2026. u 10:30, Support je napisao/la:",
    "Pe 16.11.2026 10:30, Support a scris:",
    "16.11.2026 10:30 tarihinde Support yazdı:",
    "Στις 16/11/26 10:30, ο Support έγραψε:",
    "ב-16.11.2026 10:30, Support כתב:",
    'On Mon, 16 Nov 2026 10:30:00 +0100\n"Support" <s@x.example> wrote:',
]


@pytest.mark.parametrize("attribution", OF_PROGRAMS)
def test_further_programs(attribution: str) -> None:
    assert strip_quote(f"It works.\n\n{attribution}\n\n{QUOTE}\n")[0] == "It works."
    if "@" in attribution:
        assert strip_quote(f"It works.\n\n{attribution}\n\nTry this.\n")[0] == "It works."


SIGNATURES = {
    "two dashes and a blank": "-- \nGreta Gold\nGold Inc.",
    "two dashes": "--\nGreta",
    "a phone": "Sent from my iPhone",
    "a phone, german": "Von meinem iPhone gesendet",
    "a phone, ukrainian": "Надіслано з iPhone",
    "a phone, dutch": "Verstuurd vanaf mijn iPhone",
    "an advertisement": "Get Outlook for iOS <https://aka.ms/o0ukef>",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_below_the_quote_is_no_answer(name: str) -> None:
    text = f"It works.\n\nOn 16.11.2026 10:30, Support wrote:\n{QUOTE}\n\n{SIGNATURES[name]}\n"
    assert strip_quote(text)[0] == "It works."


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_above_the_quote_is_folded_with_it(name: str) -> None:
    text = f"It works.\n\n{SIGNATURES[name]}\n\nOn 16.11.2026 10:30, Support <s@example.com> wrote:\n{QUOTE}\n"
    assert strip_quote(text)[0] == "It works."


DEVICES = [
    "Sent from my iPhone", "Sent from my Samsung Galaxy smartphone.", "Sent from Outlook for Android",
    "Sent from Yahoo Mail on Android", "Sent via Proton Mail for iOS", "Sent from my BlackBerry 10 smartphone.",
    "Gesendet von meinem Smartphone", "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
    "Von meinem Samsung Galaxy Smartphone gesendet.", "Gesendet mit der GMX Mail App für Android",
    "Envoyé de mon iPhone", "Envoyé depuis mon téléphone", "Enviado desde mi iPhone", "Enviado do meu iPhone",
    "Inviato da iPhone", "Inviato dal mio Galaxy", "Verzonden vanaf mijn Samsung-telefoon, mobiel", "Skickat från min iPhone",
    "Sendt fra min iPhone", "Lähetetty iPhonesta, mobile", "Wysłane z iPhone'a", "Odesláno z iPhonu, mobil",
    "Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "Надіслано з мого iPhone", "Trimis de pe iPhone-ul meu",
    "Elküldve az iPhone-omról, mobil", "iPhone'umdan gönderildi", "iPhoneから送信", "发自我的iPhone", "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄", "Στάλθηκε από το iPhone μου", "Get Outlook for Android<https://aka.ms/x>",
    "Outlook für iOS beschaffen", "Télécharger Outlook pour Android", "Obtener Outlook para iOS",
    "Sent with [Proton Mail](https://proton.me/mail/home) secure email.", "Odesláno z iPhonu", "Lähetetty iPhonesta",
    "Provenance : Courrier pour Windows", "Yahoo Mail: Search, Organize, Conquer", "أُرسلت من الـ iPhone",
    "나의 Galaxy에서 보냈습니다.",
]  # fmt: skip


@pytest.mark.parametrize("line", DEVICES)
def test_a_device_that_names_itself_is_folded(line: str) -> None:
    assert strip_quote(f"It works.\n\n{line}\n") == ("It works.", line)
