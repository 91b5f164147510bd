"""A date, in all the forms in which programs write it."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.dates import mail_date
from mail.parse import parse

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 2 Mar 2026 09:00:00 +0100",
        "2 Mar 2026 (local) 09:00:00 +0100",
        "Mon, 2 Mar 2026 09(o'clock):   00  :  00 +0100",
        "Mon, 2 Mar 2026 09 : 00 +0100",
        "Mon, 2 Mar 2026\n 09: 00: 00 +0100",
        "2026-03-02 09 :00 :00 +0100",
        "Mon, 2 Mar 2026 10.30.00 +0230",
        "2 Mar 2026 12.10.00 +0410",
        "2 Mar 2026 09.00 +0100",
        "Mon, 2 Mar 2026 09:00:00 +0100 (CET)",
        "(x (y) z) Mon, 2 (second) Mar 2026 09:00:00 +0100",
        "Mon, 2 Mar 2026 09:00:00 +01:00",
        "Mon Mar  2 09:00:00 CET 2026",
        "Mon Mar  2 08:00:00 UTC 2026",
        "Mon Mar  2 03:00:00 EST 2026",
        "Mon Mar  2 09:00:00 +0100 2026",
        "Mon, 2 Mar 2026 09 +0100",
        "Mon, 2 Mar 2026 8 Uhr",
        "Mon, 2 Mar 2026 8am",
        "March 2nd, 2026, 8 am",
        "2 Mar '26 8:00",
        "2. März '26 9:00 +0100",
        "9:00 2 Mar 2026 +0100",
        "08:00:00, Mon, 2 Mar 2026",
        "2026-03-02T09+01:00",
        "2026-03-02T08Z",
        "Mon, 2 Mar 2026 09:00:00 +1",
        "Mon, 2 Mar 2026 09:00:00 GMT+0100",
        "Mon, 2 Mar 2026 09:00:00 UTC+01:00",
        "Mon, 2 Mar 2026 08:00:00 GMT",
        "Mon, 2 Mar 2026 09:00:00 CET",
        "Mon, 2 Mar 2026 10:00:00 EET",
        "Mon, 2 Mar 2026 11:00:00 MSK",
        "Mon, 2 Mar 2026 17:00:00 JST",
        "Mo, 2 Mär 2026 09:00:00 MEZ",
        "Mon, 2 Mar 2026 10:00:00 cest",
        'Mon, 2 Mar 2026 08:00:00 "GMT"',
        "Mon, 2 Mar 2026 08:00:00 Z",
        "Mon, 2 Mar 2026 08:00:00",
        "Mon, 2 Mar 2026 03:00:00 EST",
        "Mon, 2 Mar 2026 00:00:00 PST",
        "Mon, 2 Mar 26 09:00 +0100",
        "Mon, 2 Mar 126 09:00:00 +0100",
        "Mon,2 Mar 2026 09:00:00 +0100",
        "Mon 2 Mar 2026 09:00:00 +0100",
        "Monday, 2 March 2026 9:00:00 +0100",
        "Mon, 02-Mar-2026 09:00:00 +0100",
        "Mon, 2 Mar 2026 09.00.00 +0100",
        "Mon, 2 Mar 2026 09:00:00.123 +0100",
        "Mon, 2 Mar 2026 9:00:00 AM +0100",
        "Mon Mar  2 08:00:00 2026",
        "Mon Mar  2 09:00:00 2026 +0100",
        "Mar 2, 2026 09:00:00 +0100",
        "2026-03-02T09:00:00+01:00",
        "2026-03-02T08:00:00.123Z",
        "2026-03-02 09:00:00 +0100",
        "2026/03/02 08:00",
        "Mo, 2 Mär 2026 09:00:00 +0100",
        "Montag, 2. März 2026 09:00:00 +0100",
        "lun., 2 mars 2026 09:00:00 +0100",
        "lunes, 2 de marzo de 2026 09:00:00 +0100",
        "пн, 2 мар 2026 09:00:00 +0100",
        "pon, 2 mar 2026 09:00:00 +0100",
        " Mon, 2 Mar 2026\r\n 09:00:00 +0100 ",
        "02.03.2026 09:00:00 +0100",
        "2.3.26 09:00 +0100",
        "Mo, 2.3.2026, 9:00 Uhr +0100",
        "03/02/2026 8:00:00 AM",
        "3/2/2026, 8:00 AM",
        "20260302T080000Z",
        "20260302080000",
        "20260302 0800",
        "1772438400",
        "@1772438400",
        "1772438400.5",
        "1772438400000",
        "Mon, 2 Mar 2026 at 09:00 +0100",
        "Mo, 2 Mär 2026 um 9:00 Uhr +0100",
        "lundi 2 mars 2026 à 9h00 +0100",
        "lunes 2 marzo 2026 a las 9:00 +0100",
        "Mon, 2nd March 2026 09:00:00 +0100",
        "2026年3月2日 17:00:00 +0900",
        "2026年3月2日(月) 17:00 +0900",
        "2026년 3월 2일 17:00 +0900",
        "Mon, 2 Mar, 2026, 09:00:00 +0100",
        "Mon Mar 02 2026 09:00:00 GMT+0100 (Central European Standard Time)",
        "Mon, 2 Mar 2026 10:00 GMT+0200",
        "2. března 2026 09:00 +0100",
        "2 Μαρ 2026 10:00:00 +0200",
        "2 maaliskuuta 2026 klo 10.00 +0200",
        "Mon, 2 Mar 2026 09:00:00 Europe/Berlin",
        "Mon, 2 Mar 2026 09:00:00 europe/berlin",
        "Mon, 2 Mar 2026 09:00:00 [Europe/Berlin]",
        "2026-03-02T09:00:00[Europe/Berlin]",
        "2026-03-02T08:00:00+00:00[Europe/Berlin]",
        "Mon Mar  2 09:00:00 Europe/Berlin 2026",
        "Mon, 2 Mar 2026 03:00:00 US/Eastern",
        "Mon, 2 Mar 2026 05:00:00 America/Argentina/Buenos_Aires",
        "Mon, 2 Mar 2026 09:00:00 Etc/GMT-1",
        "Mon, 2 Mar 2026 09:00:00 (CET)",
        "Mon, 2 Mar 2026 09:00:00 (Europe/Berlin)",
        "Mon, 2 Mar 2026 09:00:00 (GMT+01:00)",
        "2 Mar 2026 9:00 Uhr (MEZ)",
        "2 mars 2026 9h00 CET",
        "Mon, 2 Mar 2026 9 CET",
        "2026-03-02 09:00 CET",
        "Mon, 2 Mar 2026 00:00:00 PST8PDT",
        "Mon Mar  2 00:00:00 PST8PDT 2026",
        "Mon, 2 Mar 2026 09:00:00 CET-1CEST,M3.5.0,M10.5.0/3",
        "Mon, 2 Mar 2026 09:00:00 W. Europe Standard Time",
        "Mon, 2 Mar 2026 09:00:00 (Mitteleuropäische Zeit)",
        "Mon, 2 Mar 2026 03:00:00 (Eastern Standard Time)",
        "Mon, 2 Mar 2026 03:00:00 -0500 (Europe/Berlin)",
        "Mon, 2 Mar 2026 03:00:00 –0500",
        "Mon, 2 Mar 2026 09:00:00 CET+0100",
        "Mon, 2 Mar 2026 13:30:00 UTC+5:30",
        "Mon, 2 Mar 2026 13:30:00 +530",
    ],
)
def test_a_date_in_any_form(text: str) -> None:
    assert mail_date(text) == AT
    folded = text.replace("\r\n", "\n").encode()
    assert parse(b"From: a@b.example\nDate: " + folded + b"\n\nx").date == AT


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Mon, 2 Mar 2026 9:00 PM +0100", datetime(2026, 3, 2, 20, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 12:00:00 AM", datetime(2026, 3, 2, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:00:60 +0100", datetime(2026, 3, 2, 8, 0, 59, tzinfo=UTC)),
        ("Mon, 2 Mar 2026", datetime(2026, 3, 2, tzinfo=UTC)),
        ("13/03/2026 09:00", datetime(2026, 3, 13, 9, tzinfo=UTC)),
        ("03-13-2026 09:00", datetime(2026, 3, 13, 9, tzinfo=UTC)),
        ("1er mai 2026 09:00 +0200", datetime(2026, 5, 1, 7, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 24:00:00 +0000", datetime(2026, 3, 3, tzinfo=UTC)),
        ("3 août 2026 09:00:00 +0200", datetime(2026, 8, 3, 7, tzinfo=UTC)),
        ("Mo, 1 Jän 2026 09:00:00 +0100", datetime(2026, 1, 1, 8, tzinfo=UTC)),
        ("1 Temmuz 2026 09:00 +0300", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        ("ven., 3 juil. 2026 09:00:00 +0200", datetime(2026, 7, 3, 7, tzinfo=UTC)),
        ("Mi, 16 Dez 2026 10:30:00 +0100", datetime(2026, 12, 16, 9, 30, tzinfo=UTC)),
        ("нд, 1 лис 2026 10:30:00 +0200", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("Fri, 3 Jul 2026 10:00:00 Europe/Berlin", datetime(2026, 7, 3, 8, tzinfo=UTC)),
        ("Fri, 3 Jul 2026 10:00:00 PST8PDT", datetime(2026, 7, 3, 17, tzinfo=UTC)),
        ("Fri, 3 Jul 2026 24:00:00 Europe/Berlin", datetime(2026, 7, 3, 22, tzinfo=UTC)),
        ("Fri, 3 Jul 2026 10:00:00 PM MESZ", datetime(2026, 7, 3, 20, tzinfo=UTC)),
        ("Sun, 25 Oct 2026 02:30:00 Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_further_dates(text: str, date: datetime) -> None:
    assert mail_date(text) == date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Mon, 02 Mar 2026 01:24:00 +0000", datetime(2026, 3, 2, 1, 24, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 00:24:00 -0700", datetime(2026, 3, 2, 7, 24, tzinfo=UTC)),
        ("2 Mar 2026 23:24:00 GMT", datetime(2026, 3, 2, 23, 24, tzinfo=UTC)),
        ("2026-03-02 12:24:00", datetime(2026, 3, 2, 12, 24, tzinfo=UTC)),
        ("02.03.2026 08:24:00", datetime(2026, 3, 2, 8, 24, tzinfo=UTC)),
        ("20260302012400", datetime(2026, 3, 2, 1, 24, tzinfo=UTC)),
        ("Mon Mar  2 09:24:00 2026", datetime(2026, 3, 2, 9, 24, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:24:00 PM +0100", datetime(2026, 3, 2, 20, 24, tzinfo=UTC)),
        ("2 Mar 2026 10:24", datetime(2026, 3, 2, 10, 24, tzinfo=UTC)),
        ("2 Mar 2026 24:00 +0000", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-03-02 24:00:00", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_minute_24_of_an_hour_is_no_midnight(text: str, date: datetime) -> None:
    assert mail_date(text) == date


def test_every_minute_and_second_is_read() -> None:
    for second in (*range(0, 24 * 60 * 60, 60), *range(60 * 60)):
        date = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=second)
        assert mail_date(f"{date:%a, %d %b %Y %H:%M:%S} +0000") == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Mon, 99 Foo 20266 99:99",
        "2026-13-01",
        "(" * 5000,
        "1" * 5000,
        ": :",
        "02/03/2026 09:00",
        "02-03-2026 09:00",
        "42",
        "99/99/2026",
        "31.02.2026 09:00",
        "Fri, 3 Jul 2026 10:00:00 Foo/Bar",
        "Fri, 3 Jul 2026 10:00:00 Europe/Atlantis",
        "Fri, 3 Jul 2026 10:00:00 XYZT",
        "Fri, 3 Jul 2026 10:00:00 IST",
        "Fri, 3 Jul 2026 10:00:00 BST",
        "Fri, 3 Jul 2026 10:00:00 FOO3BAR",
        "Fri, 3 Jul 2026 10:00:00 Middle Earth Standard Time",
    ],
)
def test_what_is_no_date_is_noted(text: str) -> None:
    mail = parse(f"From: a@b.example\nDate: {text}\n\nx".encode())
    assert mail.date is None
    assert ("date" in mail.defects) is bool(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 2 Mar 2026",
        "Mon, 2 Mar 26",
        "2 Mar 2026 GMT",
        "2.3.26",
        "Montag, 2. März 2026",
        "Mar 2, 2026",
        "March 2nd, 2026",
        "20260302",
        "2026-03-02",
        "2026/3/2",
        "Mon, 2 Mar 2026 +0000",
        "2 Mar '26",
    ],
)
def test_a_day_without_an_hour_begins_at_midnight(text: str) -> None:
    assert mail_date(text) == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 1 Jan 0000 00:00:00 +0000",
        "Mon, 1 Jan 0001 00:00:00 +0100",
        "1 Jan 0026 09:00",
        "01.01.0000",
        "0000-00-00 00:00:00",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Mon, 2 Mar 10000 09:00:00 +0000",
        "Mon, 2 Mar 2026 25:00:00 +0000",
        "Mon, 2 Mar 2026 09:00:00 +2500",
        "02/03/26",
    ],
)
def test_what_is_no_date_is_none_and_noted(text: str) -> None:
    mail = parse(f"From: ann@b.example\nDate: {text}\nSubject: x\n\nx\n".encode())
    assert (mail.date, mail.defects) == (None, ("date",))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Thu, 1 Jan 1970 00:00:00 +0000", 1970),
        ("Fri, 1 Mar 2126 09:00:00 +0100", 2126),
        ("Fri, 31 Dec 9999 23:59:59 +0000", 9999),
        ("2 Mar 99 10:00 GMT", 1999),
        ("2 Mar 68 10:00 GMT", 2068),
    ],
)
def test_a_year_that_may_be_wrong_is_kept_as_it_was_told(text: str, year: int) -> None:
    assert mail_date(text).year == year
