"""Parts that their boundary hides: behind the end of a multipart, in one that has the boundary of what is around it, and
between boundaries that are no ASCII. No file may be lost, and nothing be said twice."""

import contextlib
import time

import pytest

from mail.message import UnreadableMail
from mail.parse import parse

HEAD = "From: ann@b.example\nMIME-Version: 1.0\n"
TEXT = "--z\nContent-Type: text/plain\n\nThe lift is stuck.\n"
HTML = '--z\nContent-Type: text/html\n\n<p>The lift is stuck.<img src="cid:lift@b.example"></p>\n'
PICTURE = "--z\nContent-Type: image/png; name=lift.png\nContent-ID: <lift@b.example>\n\nPNG\n"
PLAN = "--z\nContent-Type: application/pdf; name=plan.pdf\n\nPDF\n"
BILL = '--z\nContent-Disposition: attachment; filename="bill.csv"\nContent-Type: text/csv\n\n1;2\n'
FOOTER = "--z\nContent-Type: text/plain\n\nSent by the list.\n"
END = "--z--\n"


def nested(kind: str, parts: str) -> str:
    return f'--z\nContent-Type: multipart/{kind}; boundary="z"\n\n{parts}'


def read(parts: str, kind: str = "mixed") -> tuple[str, list[str]]:
    mail = parse(f'{HEAD}Content-Type: multipart/{kind}; boundary="z"\n\n{parts}'.encode())
    assert "mime" in mail.defects
    return mail.text.strip(), [f"{each.kind} {each.filename}" for each in mail.attachments]


@pytest.mark.parametrize(
    ("parts", "text", "files"),
    [
        # One boundary for all: the end of the inner one is no end of the outer one.
        (nested("alternative", TEXT + HTML + END) + "\n" + PLAN + END, "The lift is stuck.", ["file plan.pdf"]),
        (nested("alternative", TEXT + HTML) + PLAN + END, "The lift is stuck.", ["file plan.pdf"]),
        (nested("alternative", TEXT + HTML) + BILL + END, "The lift is stuck.", ["file bill.csv"]),
        (nested("alternative", TEXT + HTML + END) + PLAN + BILL, "The lift is stuck.", ["file plan.pdf", "file bill.csv"]),
        (
            nested("related", nested("alternative", TEXT + HTML + END) + PICTURE + END) + PLAN + END,
            "The lift is stuck.",
            ["inline-image lift.png", "file plan.pdf"],
        ),
        (nested("related", HTML + PICTURE + END) + PLAN, "The lift is stuck.", ["inline-image lift.png", "file plan.pdf"]),
        (PLAN + nested("alternative", TEXT + HTML + END) + END, "The lift is stuck.", ["file plan.pdf"]),
        # Behind the end.
        (TEXT + END + PLAN + END, "The lift is stuck.", ["file plan.pdf"]),
        (TEXT + END + "\n\n" + PLAN + END + BILL + END, "The lift is stuck.", ["file plan.pdf", "file bill.csv"]),
        (TEXT + END + FOOTER, "The lift is stuck.\nSent by the list.", []),
        (TEXT + PLAN + END + "A footer of a gateway.\n" + BILL + END, "The lift is stuck.", ["file plan.pdf", "file bill.csv"]),
    ],
)  # fmt: skip
def test_no_part_is_lost_and_none_is_said_twice(parts: str, text: str, files: list[str]) -> None:
    assert read(parts) == (text, files)
    assert read(parts.replace("\n", "\r\n")) == (text, files)


@pytest.mark.parametrize(
    "behind",
    [
        "",
        "A footer.\n",
        "--z is what it is called\n",
        "--z\nand so on\n",
        "--zz\nContent-Type: text/plain\n\nNo.\n",
        "--z--\n--z--\n",
    ],
)
def test_what_stands_behind_the_end_and_is_no_part_stays_away(behind: str) -> None:
    mail = parse(f'{HEAD}Content-Type: multipart/mixed; boundary="z"\n\n{TEXT}{PLAN}{END}{behind}'.encode())
    assert (mail.text, [each.filename for each in mail.attachments], mail.defects) == (
        "The lift is stuck.", ["plan.pdf"], (),
    )  # fmt: skip


@pytest.mark.parametrize("boundary", ["grenze-µ", "граница", "Teil ä=1", "é", "----=_日本", "a\\é"])
@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "shift_jis", "koi8-r"])
def test_a_boundary_that_is_no_ascii(boundary: str, charset: str) -> None:
    try:
        spelt = boundary.encode(charset)
    except UnicodeEncodeError:
        return
    between = (TEXT + PLAN + END).encode().replace(b"--z", b"--" + spelt)
    head = HEAD.encode() + b'Content-Type: multipart/mixed; boundary="' + spelt.replace(b"\\", b"\\\\") + b'"\n\n'
    mail = parse(head + between)
    assert (mail.text, [each.filename for each in mail.attachments]) == ("The lift is stuck.", ["plan.pdf"])


@pytest.mark.parametrize(
    "parts",
    [
        (TEXT + END) * 20_000,
        nested("mixed", "") * 900 + END * 900,
        TEXT + END + "--z\ncontent-" * 50_000,
        (nested("alternative", TEXT) + END) * 300,
        TEXT + END + PLAN * 900 + END,
    ],
)
def test_what_is_built_to_take_long_does_not(parts: str) -> None:
    start = time.process_time()
    with contextlib.suppress(UnreadableMail):
        parse(f'{HEAD}Content-Type: multipart/mixed; boundary="z"\n\n{parts}'.encode())
    assert time.process_time() - start < 2
