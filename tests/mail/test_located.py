"""Pictures that the HTML names by where they were found (RFC 2557), or by their names."""

import re
from hashlib import sha256

import pytest

from mail.kinds import AttachmentKind
from mail.message import ParsedMail
from mail.parse import content_hash, parse
from mail.sanitised import Images, page

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
OTHER = b"GIF89a" + b"\0" * 20
REMOTE = "https://evil.example/pixel.png"


def picture(head: str, content: bytes = PNG, kind: str = "image/png") -> str:
    return f"--x\nContent-Type: {kind}\nContent-Transfer-Encoding: 8bit\n{head}\n\n{content.decode('latin-1')}\n"


def mail(html: str, *pictures: str, head: str = "", html_head: str = "") -> ParsedMail:
    text = (
        f'From: a@b.example\nSubject: x\n{head}MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n'
        f"--x\nContent-Type: text/html; charset=utf-8\n{html_head}\n<p>Look:</p>{html}\n{''.join(pictures)}--x--\n"
    )
    return parse(text.encode("latin-1"))


def shown(read: ParsedMail) -> list[str]:
    """What the page shows of each file that counts as part of the text."""
    inline = {each.content_id: each.filename for each in read.attachments if each.inline and each.content_id}
    whole = page(read.html, read.text, Images.INLINE, {key: f"data:image/png;base64,{key}" for key in inline})
    return [inline[key] for key in re.findall(r'(?:src|background)="data:image/png;base64,([^"]+)"', whole)]


@pytest.mark.parametrize(
    ("source", "head", "whole_head", "html_head"),
    [
        # absolute, and of each kind of address
        ("http://a.example/i/logo.png", "Content-Location: http://a.example/i/logo.png", "", ""),
        ("http://a.example/i/logo.png?a=1&amp;b=2", "Content-Location: http://a.example/i/logo.png?a=1&b=2", "", ""),
        ("file:///C:/temp/logo.png", "Content-Location: file:///C:/temp/logo.png", "", ""),
        ("thismessage:/logo.png", "Content-Location: logo.png", "", ""),
        ("cid:logo", "Content-Location: cid:logo", "", ""),
        ("http://a.example/my%20logo.png", "Content-Location: <http://a.example/my logo.png>", "", ""),
        ("http://a.example/long/logo.png", "Content-Location: http://a.example/long/\n logo.png", "", ""),
        # relative to nothing, to the part, the whole, or the document
        ("i/logo.png", "Content-Location: i/logo.png", "", ""),
        ("./logo.png", "Content-Location: logo.png", "", ""),
        ("i/logo.png", "Content-Location: http://a.example/i/logo.png", "Content-Base: http://a.example/\n", ""),
        ("logo.png", "Content-Location: http://a.example/i/logo.png", "Content-Location: http://a.example/i/\n", ""),
        (
            "logo.png",
            "Content-Location: http://a.example/i/logo.png",
            "",
            "Content-Location: http://a.example/i/x.html\n",
        ),
        ("../logo.png", "Content-Location: http://a.example/logo.png", "", "Content-Base: http://a.example/i/x.html\n"),
        ("http://a.example/i/logo.png", "Content-Location: i/logo.png", "Content-Base: http://a.example/\n", ""),
        ("http://a.example/i/logo.png", "Content-Base: http://a.example/i/\nContent-Location: logo.png", "", ""),
        ("/i/logo.png", "Content-Location: i/logo.png", "Content-Location: http://a.example/x.html\n", ""),
        # by name
        ("logo.png", 'Content-Disposition: inline; filename="logo.png"', "", ""),
        ("images/Logo.png", 'Content-Disposition: attachment; filename="logo.png"', "", ""),
        ("file:///C:/Users/Ann/Temp/logo.png", 'Content-Disposition: attachment; filename="logo.png"', "", ""),
        ("C:\\Users\\Ann\\logo.png", 'Content-Disposition: attachment; filename="logo.png"', "", ""),
        ("cid:logo.png", 'Content-Disposition: inline; filename="logo.png"', "", ""),
        (
            "cid:logo.png@01DC5F2A.3C4D5E60",
            'Content-Type-Of: x\nContent-Disposition: inline; filename="logo.png"',
            "",
            "",
        ),
        ("my%20logo.png", 'Content-Disposition: inline; filename="my logo.png"', "", ""),
        ("mid:m@a.example/logo@a.example", "Content-ID: <logo@a.example>", "", ""),
    ],
)
@pytest.mark.parametrize(
    "tag", ['<img src="{}">', "<IMG alt='a > b' SRC='{}'/>", '<table background="{}"><tr><td>x</table>']
)
def test_a_picture_is_shown(source: str, head: str, whole_head: str, html_head: str, tag: str) -> None:
    read = mail(tag.format(source), picture(head), head=whole_head, html_head=html_head)

    assert len(shown(read)) == 1
    assert [each.kind for each in read.attachments] == [AttachmentKind.INLINE_IMAGE]
    assert read.text.strip().startswith("Look:")


@pytest.mark.parametrize(
    ("source", "head"),
    [
        (REMOTE, "Content-Location: https://b.example/pixel.png"),
        (REMOTE, 'Content-Disposition: inline; filename="pixel.png"'),
        ("//evil.example/pixel.png", 'Content-Disposition: inline; filename="pixel.png"'),
        ("other.png", "Content-Location: pixel.png"),
        ("data:image/png;base64,AAAA", 'Content-Disposition: inline; filename="pixel.png"'),
        ("javascript:pixel.png", 'Content-Disposition: inline; filename="pixel.png"'),
        ("", 'Content-Disposition: inline; filename="pixel.png"'),
    ],
)
def test_what_no_part_is_stays_as_it_is(source: str, head: str) -> None:
    read = mail(f'<img src="{source}">', picture(head))

    assert read.html is not None
    assert f'src="{source}"' in read.html
    assert [each.kind for each in read.attachments] == [AttachmentKind.FILE]


def test_a_remote_picture_stays_remote_beside_one_that_came_along() -> None:
    read = mail(f'<img src="logo.png"><img src="{REMOTE}">', picture("Content-Location: logo.png"))

    assert read.html is not None
    assert REMOTE in read.html
    assert len(shown(read)) == 1


def test_two_pictures_of_one_name_are_told_by_place_alone() -> None:
    first = picture('Content-Location: a/logo.png\nContent-Disposition: inline; filename="logo.png"')
    second = picture('Content-Location: b/logo.png\nContent-Disposition: inline; filename="logo.png"', OTHER)
    read = mail('<img src="b/logo.png"><img src="a/logo.png"><img src="logo.png">', first, second)

    assert read.html is not None
    ids = {each.sha256: each.content_id for each in read.attachments}
    told = re.findall(r'src="([^"]+)"', read.html)
    assert told == [f"cid:{ids[sha256(OTHER).hexdigest()]}", f"cid:{ids[sha256(PNG).hexdigest()]}", "logo.png"]


def test_a_made_id_collides_with_none_of_the_mail() -> None:
    made = f"{sha256(PNG).hexdigest()[:32]}@thismessage.invalid"
    read = mail(
        f'<img src="logo.png"><img src="cid:{made}">',
        picture("Content-Location: logo.png"),
        picture(f"Content-ID: <{made}>", OTHER),
    )

    ids = [each.content_id for each in read.attachments]
    assert len(set(ids)) == 2
    assert all(each.inline for each in read.attachments)
    assert read.html is not None
    assert f'src="cid:{ids[0]}"' in read.html


def test_the_words_of_a_letter_are_left_alone() -> None:
    read = mail('<p>I wrote src="logo.png" there.</p>', picture("Content-Location: logo.png"))

    assert read.html is not None
    assert 'src="logo.png" there' in read.html
    assert not read.attachments[0].inline


def test_a_copy_has_the_same_content() -> None:
    read = [mail('<img src="logo.png">', picture("Content-Location: logo.png")) for _ in range(2)]

    assert content_hash(read[0]) == content_hash(read[1])


def test_backgrounds_of_other_servers_come_only_when_asked_for() -> None:
    html = f'<table background="{REMOTE}"><tr><td>x</table>'

    assert REMOTE not in page(html, "", Images.INLINE)
    assert REMOTE in page(html, "", Images.REMOTE)
