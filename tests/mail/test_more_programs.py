"""What further programs and languages write above the mail that they quote: most are enough by themselves, some count where
marked lines follow. Answers between the lines are always shown."""

# ruff: noqa: E501 what programs write is as long as it is

import pytest

from mail.quotes import strip_quote

QUOTE = "> Try this.\n> S."
ENOUGH = [
    "सोम, 16 नव॰ 2026 को 10:30 am बजे Support <s@x.example> ने लिखा:",
    "सोम, 16 नव॰ 2026, 10:30 am को Support <s@x.example> ने लिखा:",
    ">>> Support Desk 16.11.2026 10:30 >>>",
    ">>> Support <s@x.example> 16.11.2026 10:30 >>>",
    ">>> \"Support\" <s@x.example> 11/16/2026 10:30 AM >>>",
    ">>> On 11/16/2026 at 10:30 AM, Support <s@x.example> wrote:",
    ">>> Am 16.11.2026 um 10:30 schrieb Support <s@x.example>:",
    ">>> Support 16/11/2026 10:30 >>>",
    "Support Desk <s@x.example>\n16.11.2026 10:30\n\nTo\nGreta <g@y.example>\ncc\n\nSubject\nbroken",
    "From:\tSupport/Example/DE\nTo:\tGreta/Y@Y\nDate:\t16.11.2026 10:30\nSubject:\tbroken",
    "Von:    Support <s@x.example>\nAn:     Greta\nDatum:  16.11.2026 10:30\nBetreff:        broken\nGesendet von:   Kim",
    "----- Original Message -----\nFrom: Support [s@x.example]\nSent: 11/16/2026 10:30 AM CET\nTo: Greta\nSubject: x",
    "ในวันที่ จ. 16 พ.ย. 2026 เวลา 10:30 Support <s@x.example> เขียนว่า:",
    "เมื่อ จ. 16 พ.ย. 2026 เวลา 10:30 Support <s@x.example> เขียนว่า:",
    "เมื่อวันที่ 16 พ.ย. 2026 เวลา 10:30 Support <s@x.example> เขียนว่า:",
    "Vào 16 thg 11, 2026, lúc 10:30, Support <s@x.example> đã viết:",
    "Vào Thứ Hai, 16 tháng 11, 2026 lúc 10:30:00 GMT+7, Support <s@x.example> đã viết:",
    "\u202bבתאריך יום ב׳, 16 בנוב׳ 2026 ב-10:30 מאת \u202aSupport\u202c\u200f <\u202as@x.example\u202c\u200f>:\u202c",
    "ב-16 בנוב׳ 2026, בשעה 10:30, Support <s@x.example> כתב/ה:",
    "ב-16 בנובמבר 2026, בשעה 10:30,\u200f Support <s@x.example> כתב:",
    "في الاثنين، ١٦ نوفمبر ٢٠٢٦ في ١٠:٣٠ ص تمت كتابة ما يلي بواسطة Support <s@x.example>:",
    "في ١٦ نوفمبر ٢٠٢٦، الساعة ١٠:٣٠ ص، كتب/كتبت Support <s@x.example>:",
    "في 16/11/2026، الساعة 10:30، كتب Support <s@x.example>:",
    "في الاثنين، 16 نوفمبر 2026، 10:30 ص Support <s@x.example> كتب:",
    "در تاریخ دوشنبه ۱۶ نوامبر ۲۰۲۶، ۱۰:۳۰ Support <s@x.example> نوشت:",
    "در دوشنبه، ۲۵ آبان ۱۴۰۵، ۱۰:۳۰ Support <s@x.example> نوشت:",
    "Στις 16 Νοε 2026, στις 10:30 π.μ., ο/η Support <s@x.example> έγραψε:",
    "На пн, 16.11.2026 г. в 10:30 ч. Support <s@x.example> написа:",
    "-------- Оригинално писмо --------\nОт: Support s@x.example\nОтносно: x\nДо: g@y\nИзпратено на: 16.11.2026 10:30",
    "Dana 16. stu 2026., u 10:30, Support <s@x.example> napisao/la je:",
    "Dne 16. nov. 2026 ob 10:30 je Support <s@x.example> napisal(a):",
    "16. nov 2026, kell 10:30, kirjutas Support <s@x.example>:",
    "pirm., 2026-11-16 10:30, Support <s@x.example> parašė:",
    "Citējot Support <s@x.example> :",
    "El 16 nov. 2026, a les 10:30, Support <s@x.example> va escriure:",
    "O luns, 16 de nov. de 2026 ás 10:30, Support (<s@x.example>) escribiu:",
    "Support (<s@x.example>) erabiltzaileak hau idatzi du (2026 aza. 16, al. (10:30)):",
    "Pada 16 Nov 2026, pukul 10.30, Support <s@x.example> menulis:",
    "Pada Senin, 16 November 2026 10.30.00 WIB, Support <s@x.example> menulis:",
    "Pada Isn, 16 Nov 2026 pada 10:30 PG Support <s@x.example> menulis:",
    "Pada 16 Nov 2026, pada 10:30 PG, Support <s@x.example> telah menulis:",
    "Noong Lun, Nob 16, 2026 nang 10:30 AM, sinulat ni Support <s@x.example> ang:",
    "Noong Lun, Nob 16, 2026 nang 10:30 AM, isinulat ni Support <s@x.example>:",
    "2026. 11. 16. 오전 10:30, Support <s@x.example> 작성:",
    "-----Original Message-----\nFrom: \"Support\"<s@x.example>\nTo: <g@y>\nSent: 2026-11-16 (월) 10:30:00 (GMT+09:00)\nSubject: x",
    "2026/11/16 午前10:30、Support <s@x.example>のメール：",
    "----- Original Message -----\nFrom: Support <s@x.example>\nTo: g@y\nDate: 2026/11/16, Mon 10:30\nSubject: x",
    "差出人: Support <s@x.example>\n日時: 2026年11月16日 月曜日 10:30\n宛先: g@y\n件名: x",
    "在 2026年11月16日，10:30，Support <s@x.example> 写道：",
    "Support <s@x.example> 於 2026年11月16日 上午10:30 寫道：",
    "Support <s@x.example> 在 2026年11月16日星期一 上午10:30 寫道：",
    "------------------ 原始邮件 ------------------\n发件人: \"Support\" <s@x.example>;\n发送时间: 2026年11月16日(星期一) 上午10:30\n收件人: \"G\"<g@y>;\n主题: x",
    "At 2026-11-16 10:30:15, \"Support\" <s@x.example> wrote:",
    "在 2026-11-16 10:30:15，\"Support\" <s@x.example> 写道：",
    "发件人： Support\n发送时间： 2026-11-16 10:30\n收件人： g@y\n主题： x",
    "Am Montag, 16. November 2026 um 10:30 schrieb Support <s@x.example>:",
    "\u2010\u2010\u2010\u2010\u2010\u2010\u2010 Original Message \u2010\u2010\u2010\u2010\u2010\u2010\u2010\nOn Monday, November 16, 2026 10:30 AM, Support <s@x.example> wrote:",
    "------- Original Message -------\nOn Monday, November 16th, 2026 at 10:30 AM, Support <s@x.example> wrote:",
    "On Monday, November 16, 2026 at 10:30:00 AM GMT+1, Support <s@x.example> wrote:",
    "El lunes, 16 de noviembre de 2026, 10:30:00 CET, Support <s@x.example> escribió:",
    "Il lunedì 16 novembre 2026 alle ore 10:30:00 CET, Support <s@x.example> ha scritto:",
    "Em segunda-feira, 16 de novembro de 2026 10:30:00 BRT, Support <s@x.example> escreveu:",
    "-------- Original message --------\nFrom: Support <s@x.example>\nDate: 16/11/2026 10:30 (GMT+01:00)\nTo: g@y\nSubject: x",
    "-------- Ursprüngliche Nachricht --------\nVon: Support <s@x.example>\nDatum: 16.11.26 10:30 (GMT+01:00)\nAn: g@y\nBetreff: x",
    "-------- Oryginalna wiadomość --------\nOd: Support <s@x.example>\nData: 16.11.2026 10:30 (GMT+01:00)\nDo: g@y\nTemat: x",
    "-------- Messaggio originale --------\nDa: Support <s@x.example>\nData: 16/11/26 10:30 (GMT+01:00)\nA: g@y\nOggetto: x",
    "-------- Alkuperäinen viesti --------\nLähettäjä: Support\nPäivämäärä: 16.11.2026 10.30",
    "On 16 Nov 2026, 10:30 +0100, Support <s@x.example>, wrote:",
    "On 16. November 2026 at 10:30:15, Support (s@x.example) wrote:",
    "Gesendet: Montag, 16. November 2026 um 10:30 Uhr\nVon: \"Support\" <s@x.example>\nAn: g@y\nBetreff: x",
    "--\nDiese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.\nAm 16.11.26, 10:30 schrieb Support <s@x.example>:",
    "---------- Původní e-mail ----------\nOd: Support <s@x.example>\nKomu: g@y\nDatum: 16. 11. 2026 10:30:15\nPředmět: x",
    "W dniu 2026-11-16 10:30:15 użytkownik Support <s@x.example> napisał:",
    "Od: \"Support\" <s@x.example>\nDo: g@y;\nWysłane: 10:30 Poniedziałek 2026-11-16\nTemat: x",
    "Il 16 novembre 2026 alle 10.30 Support <s@x.example> ha scritto:",
    "De : Support <s@x.example>\nA : g@y\nEnvoyé: lundi 16 novembre 2026 10:30\nObjet : x",
    "----- Original-Nachricht -----\nBetreff: x\nDatum: 2026-11-16T10:30:00+0100\nVon: \"Support\" <s@x.example>\nAn: g@y",
    "Support <s@x.example> hat am 16. November 2026 um 10:30 geschrieben:",
    "Von: \"Support\" <s@x.example>\nAn: \"G\" <g@y>\nGesendet: Montag, 16. November 2026 10:30:15\nBetreff: x",
    "On Mon, 16 Nov 2026, Support wrote:",
    "On Mon, Nov 16, 2026 at 10:30:15AM +0100, Support wrote:",
    "Support <s@x.example> writes:",
    "On Mon, 2026-11-16 at 10:30 +0100, Support wrote:",
    "On Monday, 16 November 2026 10:30:15 CET Support wrote:",
    "Am Montag, 16. November 2026, 10:30:15 CET schrieb Support:",
    "On Mon, 16 Nov 2026 10:30:15 +0100, Support <s@x.example> wrote:",
    "On 16/11/2026, 10:30, \"Support\" <s@x.example> wrote:",
    "Am 16.11.26, 10:30 schrieb \"Support\" <s@x.example>:",
    "From: Support <s@x.example>\nDate: Monday, 16 November 2026 at 10:30\nTo: G <g@y>\nSubject: x",
    "From: Support\nSent: Monday, November 16, 2026 10:30 AM\nTo: g@y\nSubject: x",
    "--- original message ---\nOn November 16, 2026, 10:30 AM GMT+1 s@x.example wrote:",
    "\u2063Get BlueMail for Android \nOn 16 Nov 2026, at 10:30, Support <s@x.example> wrote:",
    "-------- Original Message --------\nFrom: Support <s@x.example>\nSent: November 16, 2026 10:30:15 AM GMT+01:00\nTo: g@y\nSubject: x",
    "Am 16. November 2026 10:30:15 MEZ schrieb Support <s@x.example>:",
    "16 Nov 2026 10:30:15 Support <s@x.example>:",
    "On Mon, Nov 16, 2026 at 10:30 AM Support < s@x.example [s@x.example] > wrote:",
    "On November 16, 2026, 10:30 AM GMT+1 s@x.example wrote:",
    "On Mon, Nov 16, 2026 at 10:30 AM, Support <s@x.example> wrote:",
    "On 16 November 2026 at 10:30 GMT+1, Support (s@x.example) wrote:",
    "---- On Mon, 16 Nov 2026 10:30:15 +0100 Support <s@x.example> wrote ----",
    "---- On Mon, 16 Nov 2026 10:30:15 +0100 Support <s@x.example> wrote ---",
    "On November 16, 2026, Support <s@x.example> wrote:",
    "On Mon, 16 Nov 2026, at 10:30 AM, Support wrote:",
    "Am Mo, 16. Nov 2026, um 10:30, schrieb Support:",
    "16. Nov. 2026, 10:30 von s@x.example:",
    "Nov 16, 2026, 10:30 by s@x.example:",
    "De : Support <s@x.example>\nÀ : g@y\nSujet : x\nDate : 16/11/2026 10:30:15 Europe/Paris",
    "-----Original Message-----\nFrom: Support <s@x.example>\nTo: g@y\nSent: Mon, Nov 16, 2026 10:30 am\nSubject: x",
    "Kimden: Support <s@x.example>\nGönderildi: 16 Kasım 2026 Pazartesi 10:30\nKime: g@y\nKonu: x",
    "Support <s@x.example> şunları yazdı (16 Kas 2026 10:30):",
    "2026. nov. 16. dátummal, 10:30 időpontban Support <s@x.example> írta:",
    "Support <s@x.example> írta (2026. nov. 16. 10:30):",
    "Pe 16 nov. 2026, la 10:30, Support <s@x.example> a scris:",
    "Dňa 16. 11. 2026 o 10:30 používateľ Support <s@x.example> napísal:",
    "16. 11. 2026 v 10:30, Support <s@x.example>:",
    "Den 16. nov. 2026 kl. 10.30 skrev Support <s@x.example>:",
    "Support <s@x.example> kirjoitti 16.11.2026 kello 10.30:",
    "16 nov. 2026 kl. 10:30 skrev Support <s@x.example>:",
    "Wiadomość napisana przez Support <s@x.example> w dniu 16 lis 2026, o godz. 10:30:",
    "No dia 16/11/2026, às 10:30, Support <s@x.example> escreveu:",
    "Em 16 de nov. de 2026, à(s) 10:30, Support <s@x.example> escreveu:",
    "На пон., 16 ное. 2026 г. во 10:30 Support <s@x.example> напиша:",
    "Më Hën, 16 nën 2026 në 10:30, Support <s@x.example> shkroi:",
    "ორშ, 16 ნოე, 2026, 10:30-ზე მომხმარებელმა Support <s@x.example> დაწერა:",
    "Երկ, 16 նոյ, 2026 թ., 10:30-ին Support <s@x.example>-ը գրել է՝",
    "সোম, ১৬ নভে, ২০২৬ তারিখে ১০:৩০ AM টায় এ Support <s@x.example> লিখেছেন:",
    "திங்., 16 நவ., 2026, முற்பகல் 10:30 அன்று, Support <s@x.example> எழுதியது:",
    "پیر، 16 نومبر، 2026 کو 10:30 AM پر Support <s@x.example> نے لکھا:",
    "Mnamo Jtt, 16 Nov 2026, 10:30 asubuhi Support <s@x.example> aliandika:",
    "дс, 16 қар. 2026 ж., сағ. 10:30 Support <s@x.example> жазды:",
    "B.e, 16 noy 2026, saat 10:30 tarixində Support <s@x.example> yazdı:",
    "2026 оны 11-р сарын 16, Да 10:30 цагт Support <s@x.example> бичсэн нь:",
]  # fmt: skip
WITH_MARKS = [
    "На 16.11.26 г. в 10:30 ч., Support написа:",
    "Support je 16. 11. 26 ob 10:30 napisal:",
    "Support kirjutas 16.11.2026 kell 10:30:",
    "2026-11-16 10:30, Support rašė:",
    "16.11.2026 10:30, Support rakstīja:",
    "Þann 16.11.2026 10:30, skrifaði Support:",
    "El 16/11/26 a les 10:30, Support ha escrit:",
    "O 16/11/26 ás 10:30, Support escribiu:",
    "2026-11-16 10:30에 Support 이(가) 쓴 글:",
    "On 2026/11/16 10:30, Support wrote:",
    "Support さんは書きました (2026/11/16 10:30):",
    "(2026/11/16 10:30), Support wrote:",
    "在 2026/11/16 10:30, Support 写道:",
    "Dnia 16 listopada 2026 o 10:30 Support napisał(a):",
    "Am 2026-11-16 10:30, schrieb Support:",
    "Le 2026-11-16 10:30, Support a écrit :",
    "El 2026-11-16 10:30, Support escribió:",
    "Вы писали 16 ноября 2026 г., 10:30:15:",
    "Am Montag, dem 16.11.2026 um 10:30 +0100 schrieb Support:",
]  # fmt: skip
"""A name alone could stand above somebody's own words."""


@pytest.mark.parametrize("above", ENOUGH + WITH_MARKS)
def test_above_marked_lines_it_is_folded_with_them(above: str) -> None:
    assert strip_quote(f"It works.\n\n{above}\n\n{QUOTE}\n")[0] == "It works."
    assert strip_quote(f"It works.\n\n{above}\n{QUOTE}\n")[0] == "It works."


@pytest.mark.parametrize("above", ENOUGH)
def test_by_itself_it_is_enough(above: str) -> None:
    assert strip_quote(f"It works.\n\n{above}\n\nTry this.\nS.\n")[0] == "It works."


SINGLE = [above for above in ENOUGH + WITH_MARKS if above.count("\n") == 0 and above.endswith((":", "："))]


@pytest.mark.parametrize("above", SINGLE)
@pytest.mark.parametrize("below", ["Yes.", "> More?\n\nYes."])
def test_answers_below_and_between_are_all_shown(above: str, below: str) -> None:
    visible, _ = strip_quote(f"{above}\n{QUOTE}\n\n{below}\n")
    assert "Yes." in visible
    assert "> Try this." in visible


@pytest.mark.parametrize(
    "announced",
    [
        "Dana 16.11.2026 u 10:30 sam poslao na Kim <kim@b.example> ovo:", "16.11.2026 10:30 ich schickte Kim <kim@b.example> dies:",
        "Le 16/11/2026 à 10:30 vous avez envoyé à Kim <kim@b.example> ceci:", "On 16.11.2026 10:30 I sent Kim <kim@b.example> these:",
        "2026-11-16 10:30 wysłałem do Kim <kim@b.example> takie oto dane:", "Den 16.11.2026 10:30 fick Kim <kim@b.example> av oss detta:",
    ],
)  # fmt: skip
def test_who_announces_what_they_sent_somebody_is_heard(announced: str) -> None:
    assert announced in strip_quote(f"Hello,\n\n{announced}\n> E42\n> E43\n")[0]


UNKNOWN = [
    "Le 16.11.2026 10:30, Support <s@x.example> xyzzy:", "pon 16.11.2026 10:30 Support <s@x.example> plugh:",
    "16 ⴱⴱⴱⴱ 2026 10:30 Support <s@x.example> ⵣⵣⵣ:", "Jumatatu 16/11/2026 10:30 Support <s@x.example> alisema:",
    "2026-11-16 10:30 Support <s@x.example> frotz hau:", "Lu, 16 Nov 2026 10:30 Support <s@x.example> a dit:",
]  # fmt: skip
"""In words that nobody has listed: a date, a time and an address in brackets, above marked lines."""


@pytest.mark.parametrize("above", UNKNOWN)
def test_a_language_that_nobody_has_listed(above: str) -> None:
    assert strip_quote(f"It works.\n\n{above}\n\n{QUOTE}\n")[0] == "It works."
    assert "Nobody came." in strip_quote(f"It works.\n\n{above}\n\nWe will come.\n\nNobody came.\n")[0]
