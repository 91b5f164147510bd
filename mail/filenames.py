"""Attachment names that cannot leave a folder, spoof an extension or upset a file system."""

import mimetypes
import re
import unicodedata

LONGEST = 80
"""Characters. At three bytes each, 240 of the 255 bytes that file systems allow."""
FORBIDDEN = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_filename(name: str | None, content_type: str) -> str:
    """`name` without folders, control and direction characters and leading dots; never empty."""
    text = unicodedata.normalize("NFC", name or "")
    text = re.split(r"[/\\]", text)[-1]
    # Categories C*: controls, and the direction overrides that make "gpj.exe" read "exe.jpg".
    text = "".join(character for character in text if not unicodedata.category(character).startswith("C"))
    text = FORBIDDEN.sub("_", " ".join(text.split())).strip(". ")
    if RESERVED.fullmatch(text):
        text = f"_{text}"
    if not text:
        return "attachment" + (mimetypes.guess_extension(content_type) or "")
    stem, dot, extension = text.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: LONGEST - len(extension) - 1]}.{extension}"
    return text[:LONGEST]
