"""Who sends a device says so in the words of an advertisement ("Sent via DHL, with the phone"): these are their own."""

import pytest

from mail.quotes import strip_quote

OF_PEOPLE = [
    "Sent via DHL with the phone inside", "Sent by UPS with the iPhone in its box",
    "Sent via post to the Samsung service centre", "Sent from Hamburg yesterday with the Xiaomi",
    "Sent by registered mail, Sony camera included", "Sent with GLS, tablet enclosed",
    "Sent from my kitchen, it is quicker than by mobile phone", "Sent via parcel service today: Nokia and charger",
    "Gesendet mit DHL samt Handy", "Gesendet mit Hermes, Telefon liegt bei", "Gesendet von der Filiale: ein Tablet",
    "Verschickt von Berlin gestern das Smartphone", "Verzonden met PostNL, telefoon zit erin",
    "Verstuurd met het pakket de telefoon", "Envoyé avec Colissimo, téléphone dans la boîte",
    "Envoyé de Lyon hier avec le portable", "Enviado con Correos el móvil y su caja", "Inviato con Bartolini il telefono",
    "Skickat med PostNord telefon och laddare", "Wysłano z paczkomatu, telefon w środku", "Das Handy wurde gesendet",
    "Handy am Montag gesendet", "Telefon dün gönderildi", "Telefon gönderildi", "手机已发送", "手機昨天傳送",
    "Sent from my iPhone. Please call me back tomorrow.", "Sent from my iPhone, sorry for the delay with the order",
    "Please excuse any typos.", "Sent with spark plugs", "Sent from nine to five", "(Sent by DHL with the phone)",
    "Sent from my iPhone. Please excuse the error in invoice 12", "A telefon elküldve",
    "Galaxy tänään lähetetty", "Get Outlook for the whole team and the Mac users", "来自手机店的回复", "Sent by mail, see below",
    "Sent by e-mail for approval", "Gesendet von Samsung an unsere Werkstatt", "Sent from the front desk",
    "Wysłane z poczty głównej",
    "Verzonden vanuit Utrecht met de telefoon", "Diese Mail wurde von meinem Handy nicht gesendet", "Holen Sie sich das iPhone",
]  # fmt: skip


@pytest.mark.parametrize("line", OF_PEOPLE)
def test_what_people_say_of_a_device_is_shown(line: str) -> None:
    for text in (f"It is on its way.\n\n{line}", f"It is on its way.\n{line}"):
        assert strip_quote(text) == (text, "")
    quoted = f"It is on its way.\n\n{line}\n\nOn 17.11.2026 09:15, Desk <desk@acme.example> wrote:\n> Where is it?"
    assert strip_quote(quoted)[0] == f"It is on its way.\n\n{line}"


OF_PROGRAMS = [
    "Sent from my Verizon Wireless BlackBerry", "Sent from Mail for Windows 11", "Sent from my iPhone using Forum Runner",
    "Sent from Yahoo Mail for iPad", "Sent from my mobile device", "Sent from Outlook for iOS<https://aka.ms/abc12>",
    "Von meinem Mobiltelefon gesendet", "Mit meinem Galaxy gesendet", "Gesendet von Outlook für iOS<https://aka.ms/abc12>",
    "Gesendet mit der WEB.DE Mail App", "Envoyé à partir de Outlook pour Android", "Enviado desde mi Xiaomi",
    "Enviado do meu smartphone Samsung", "Inviato dal mio telefono", "Verstuurd vanaf mijn Galaxy", "Skickat från min Samsung",
    "Samsung'umdan gönderildi", "iPhone-ról küldve", "iPhonesta lähetetty", "從我的 Galaxy 傳送", "从我的手机发送",
    "Отправлено с моего Xiaomi", "Надіслано з мобільного телефону",
]  # fmt: skip


OF_PROGRAMS += [
    "Sent from my iPhone. Please excuse any typos.", "Sent from my iPad, apologies for brevity", "(Sent from my Galaxy)",
    "Sent from my phone - please forgive typos and spelling mistakes", "[Sent from my mobile device]",
    "Sent from my cell, sorry for the typos!", "<<sent from my phone>>", "Sent from my Alcatel 1B", "Sent with Airmail",
    "Sent from Mailbox", "Sent via Superhuman", "Gesendet mit Spark", "Sent with Shortwave <https://x.example/get>",
    "Von meinem Handy gesendet. Tippfehler bitte ich zu entschuldigen.", "Gesendet von meinem iPhone, bitte Kürze entschuldigen",
    "Envoyé de mon iPhone. Merci d’excuser les fautes.", "Enviado desde mi iPhone. Disculpe los errores.",
    "Inviato da iPhone. Scusate gli errori di battitura", "Enviado do meu iPhone - desculpe os erros",
    "Verzonden vanaf mijn iPhone, excuses voor eventuele typefouten", "Sent from my iPhone\nPlease excuse my brevity.",
]  # fmt: skip


OF_PROGRAMS += [
    "Sent from Outlook for Android", "Sent from my Verizon, Samsung Galaxy smartphone", "Sent from the all new AOL app for iOS",
    "Sent with Mailsuite", "Sent from Workspace ONE Boxer", "Sent from Superhuman iOS", "Sent from Canary (https://canary.example)",
    "Sent from eM Client | www.emclient.example", "Sent on the go", "Unterwegs gesendet", "Mobil gesendet",
    "Diese E-Mail wurde von meinem Handy gesendet", "Gesendet von Yahoo Mail auf dem iPhone", "Outlook für Android beziehen",
    "Holen Sie sich Outlook für iOS", "Envoyé à partir d’Outlook pour iOS", "Envoyé depuis l'application Mail Orange",
    "Obtenga Outlook para iOS", "Inviato da Yahoo Mail su Android", "Enviado via UOL Mail", "Verzonden vanuit Outlook voor iOS",
    "Få Outlook for iOS", "Hanki Outlook for iOS", "Wysłano z programu Outlook dla systemu iOS",
    "Wysłane z aplikacji Poczta dla systemu Windows", "Pobierz aplikację Outlook dla systemu iOS", "Odesláno ze Samsung Mobile",
    "Získejte Outlook pro iOS", "Odoslané z Outlooku pre iOS", "Отправлено из мобильной Яндекс.Почты",
    "Надіслано від мого iPhone", "Trimis din Outlook pentru iOS", "Outlook iOS-re letöltése",
    "Outlook for iOS uygulamasından gönderildi", "iOS için Outlook'u edinin", "Αποστολή από το Outlook για iOS",
    "來自我的 iPhone 傳送", "獲取 Outlook for iOS", "来自 Outlook for Android", "Android용 Outlook 다운로드",
    "갤럭시 스마트폰에서 보냈습니다.", "تم الإرسال من هاتفي", "Gửi từ iPhone của tôi",
]  # fmt: skip


@pytest.mark.parametrize("line", OF_PROGRAMS)
def test_what_programs_say_of_themselves_is_folded(line: str) -> None:
    assert strip_quote(f"It is on its way.\n\n{line}\n") == ("It is on its way.", line)


ASKED = "On 17.11.2026 09:15, Desk <desk@acme.example> wrote:\n> Where is it?\n>"
NAMES = [
    "-- Ann Bell, M.Sc.",
    "--Ann Bell",
    "— Ann Bell",
    "-- Dr. Ann von Bell",
    "--\u00a0Ann Bell (Sales)",
    "-- ACME GmbH",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("below", ["", "\n   Sales\n   Acme Ltd", "\n\nSent from my iPhone"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_name_behind_the_dashes_below_a_quote_is_no_answer(name: str, below: str, gap: str) -> None:
    assert strip_quote(f"It is on its way.\n\n{ASKED}{gap}{name}{below}\n", "Re: x")[0] == "It is on its way."


ANSWERS = [
    "-- No idea.", "-- It came today", "-- Ann has it", "-- Yes!", "-- OK", "— Done", "-- Ann", "-- Ja Danke",
    "-- No Thanks", "-- Nein, Morgen", "Yes.\n-- Ann Bell", "-- Ann Bell\n" + "It is here.\n" * 13,
]  # fmt: skip


@pytest.mark.parametrize("words", ANSWERS)
def test_an_answer_behind_dashes_below_a_quote_is_shown(words: str) -> None:
    assert words.rstrip() in strip_quote(f"It is on its way.\n\n{ASKED}\n{words}", "Re: x")[0]
