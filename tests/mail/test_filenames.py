import pytest

from mail.filenames import LONGEST, safe_filename


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("Rückgabe €.pdf", "Rückgabe €.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.txt", "a.txt"),
        (".bashrc", "bashrc"),
        ("..", "attachment.pdf"),
        ("a/", "attachment.pdf"),
        (None, "attachment.pdf"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("console.txt", "console.txt"),
        ("exe\u202efdp.exe", "exefdp.exe"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("trailing. . ", "trailing"),
        ("x" * 300 + ".jpeg", "x" * (LONGEST - 5) + ".jpeg"),
        ("x" * 300, "x" * LONGEST),
    ],
)
def test_names_stay_where_they_are_put(name: str | None, safe: str) -> None:
    assert safe_filename(name, "application/pdf") == safe


def test_a_kind_without_an_extension() -> None:
    assert safe_filename("", "x-unknown/y") == "attachment"
