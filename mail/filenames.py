"""Attachment names that cannot leave a folder, spoof an extension or upset a file system."""

import re
import unicodedata

LONGEST = 80
"""Characters. At three bytes each, 240 of the 255 bytes that file systems allow."""
EXTENSIONS = {
    "application/ics": ".ics",
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/vnd.ms-outlook": ".msg",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/enriched": ".txt",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/xml": ".xml",
    "video/mp4": ".mp4",
}
"""For files without a name. Not `mimetypes`: its answers differ with the machine's /etc/mime.types."""
KINDS = {extension: kind for kind, extension in reversed(EXTENSIONS.items())} | {
    ".htm": "text/html",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain",
}
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
        return "attachment" + EXTENSIONS.get(content_type, "")
    stem, dot, extension = text.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: LONGEST - len(extension) - 1]}.{extension}"
    return text[:LONGEST]


def kind_of(name: str) -> str | None:
    """The media type that a file's name tells, for a part that declares none that is one; None if it tells nothing."""
    _, dot, extension = name.rpartition(".")
    return KINDS.get(f".{extension.lower()}") if dot else None
