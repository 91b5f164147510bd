"""Mails built to hurt, by what they are meant to exhaust. `size` scales each; 1.0 is the size that issue 3 names."""

from collections.abc import Callable

HEAD = b"From: Mallory <mallory@evil.example>\r\nTo: support@house.example\r\nSubject: hostile\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"


def one_line(size: float = 1.0) -> bytes:
    """50 MB without a line break."""
    return HEAD + b"\r\n" + b"x" * int(50_000_000 * size)


def deep(size: float = 1.0) -> bytes:
    """Multiparts, 1,000 within each other."""
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(int(1000 * size))
    )


def deep_mails(size: float = 1.0) -> bytes:
    """Mails, 1,000 within each other."""
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * int(1000 * size) + b"x"


def many_parts(size: float = 1.0) -> bytes:
    """10,000 parts."""
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * int(10_000 * size)


def many_headers(size: float = 1.0) -> bytes:
    """A million headers, those that count at their end."""
    return b"To: a@evil.example\r\n" * int(1_000_000 * size) + HEAD + b"\r\nx"


def long_header(size: float = 1.0) -> bytes:
    """A megabyte of encoded words, which takes the stdlib's newer policies all memory there is."""
    return b"Subject: " + b"=?utf-8?q?a?= " * int(70_000 * size) + b"\r\n" + HEAD + b"\r\nx"


def many_lines(size: float = 1.0) -> bytes:
    """50 MB of lines of one character: an object each."""
    return HEAD + b"\r\n" + b"a\n" * int(25_000_000 * size)


def many_links(size: float = 1.0) -> bytes:
    """5,000 links."""
    return HTML + b'<a href="https://evil.example/?a=b&c=d#e">here</a>\r\n' * int(5000 * size)


def many_images(size: float = 1.0) -> bytes:
    return HTML + b'<img src="cid:a@b&#64;%40">' * int(20_000 * size)


def nested_tables(size: float = 1.0) -> bytes:
    return HTML + b"<table><tr><td>" * int(10_000 * size) + b"bottom"


def nested_tags(size: float = 1.0) -> bytes:
    return HTML + b"<div><span style='display:none'><b>" * int(10_000 * size) + b"bottom"


def open_comments(size: float = 1.0) -> bytes:
    return HTML + b"<!--<a<p title='&#x" * int(20_000 * size)


def straining_subject(size: float = 1.0) -> bytes:
    return b"Subject: " + b"=?a?q?x" * int(1100 * size) + b"\r\n" + HEAD + b"\r\nx"


def straining_addresses(size: float = 1.0) -> bytes:
    lines = (
        b"To: %b\r\n" % (piece * (8000 // len(piece))) for piece in (b'"', b"(", b"<", b"@", b",", b"a@b:;", b"=?a?q?x")
    )
    return b"".join(list(lines) * max(1, int(5 * size))) + HEAD + b"\r\nx"


def straining_parameters(size: float = 1.0) -> bytes:
    part = b"--b\r\nContent-Type: text/plain%b\r\n\r\nx\r\n"
    evil = b"".join(part % (piece * (1900 // len(piece))) for piece in (b';"', b";a*0*=x", b';name="'))
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + evil * max(1, int(100 * size))


def straining_quotes(size: float = 1.0) -> bytes:
    """For what folds quotes: attributions, header blocks and signatures that never become any."""
    lines = b"On 1.1. " + b"wrote " * 65 + b"\r\n> x\r\nFrom: x\r\nTo: y\r\n-- \r\nSent from my " + b"x" * 400 + b"\r\n"
    return HEAD + b"\r\n" + lines * int(1000 * size)


def straining_bounce(size: float = 1.0) -> bytes:
    """For what reads bounces."""
    count = int(50_000 * size)
    pieces = (
        b"\r\n" * count,
        b"<" + b"@" * count,
        b" " * count,
        b"message-id" + b"\t" * count,
        b"user unknown " * (count // 13),
    )
    return b"Return-Path: <>\r\n" + HEAD + b"\r\nundeliverable 4.4.\r\n" + b"\r\n".join(pieces)


def many_uuencoded(size: float = 1.0) -> bytes:
    return HEAD + b"\r\n" + b"begin 644 x\r\n#0V%T\r\n`\r\nend\r\n" * int(50_000 * size)


def many_references(size: float = 1.0) -> bytes:
    """With and without brackets; the latter took time in the square of the words, found by the fuzzer."""
    lines = (
        b"References: "
        + b"<a@b> " * 1300
        + b"\r\nReferences: "
        + b"<" * 8000
        + b"\r\nIn-Reply-To: "
        + b"a " * 4000
        + b"\r\n"
    )
    return lines * int(60 * size) + HEAD + b"\r\nx"


def folded_inside(size: float = 1.0) -> bytes:
    """Mails within the mail with headers that take the stdlib long to fold: found by the fuzzer."""
    inner = b"Content-Type: message/rfc822\r\n\r\nX: " + b"a " * 4000 + b"\r\n\r\nx\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + inner) * int(400 * size)


BY_NAME: dict[str, Callable[[float], bytes]] = {
    build.__name__: build
    for build in (
        one_line, deep, deep_mails, many_parts, many_headers, long_header, many_lines, many_links, many_images,
        nested_tables, nested_tags, open_comments, straining_subject, straining_addresses, straining_parameters,
        straining_quotes, straining_bounce, many_uuencoded, many_references, folded_inside,
    )
}  # fmt: skip
