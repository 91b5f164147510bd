"""What the desk refuses, and why: each error carries what an RFC 9457 problem needs; the API gives it its status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from models.messages.said import of_field, said, word


class DeskError(Exception):
    """A refusal: a stable problem type (`/problems/<type>`), an HTTP status (RFC 9110), and a sentence for people."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Refused"
    type: str

    def __init__(self, type: str, detail: str) -> None:
        super().__init__(detail)
        self.type, self.detail = type, detail


class NotFound(DeskError):
    """404: no such object, or none that the caller may know of."""

    status = 404
    title = "Not found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(
            "not-found", said("there is no {kind} {key!r}", kind=word(kind.replace("-", " ")), key=str(key))
        )
        self.kind, self.key = kind, key


class Conflict(DeskError):
    """409: the state forbids it. `allowed` and `missing` name the ways on; `field` what of the body it is about, if of one."""

    status = 409
    title = "The state forbids it"

    def __init__(
        self, type: str, rule: str, allowed: Sequence[str] = (), missing: Sequence[str] = (), *, field: str = ""
    ) -> None:
        super().__init__(type, of_field(field, rule))
        self.allowed, self.missing = tuple(allowed), tuple(missing)
        self.field, self.rule = field, rule


class Invalid(DeskError):
    """422: the body is wrong whatever the state. `field` is its path as people read it (`rules[1].queue`), `rule` what it
    breaks. `path` is the same in parts: a field's own name may hold points and brackets."""

    status = 422
    title = "The request is wrong"

    def __init__(self, field: str, rule: str, type: str = "invalid", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(type, of_field(field, rule))
        self.field, self.rule, self.path = field, rule, path


class Stale(DeskError):
    """412: If-Match names another version than `version`, the present one."""

    status = 412
    title = "Changed in the meantime"

    def __init__(self, version: int, detail: str | None = None) -> None:
        read_again = said("this object is at version {version} now; read it again before changing it", version=version)
        super().__init__("stale-version", detail or read_again)
        self.version = version


class PreconditionRequired(DeskError):
    """428: a change needs If-Match with the version that it was made from (RFC 6585 3)."""

    status = 428
    title = "If-Match is missing"

    def __init__(self) -> None:
        super().__init__("if-match-required", said("send If-Match with the ETag of the version that you are changing"))


class FileLost(DeskError):
    """500: a file that was kept is not in the store any more, or was altered there. It is never given out instead."""

    title = "A file of ours is lost"

    def __init__(self, sha256: str, *, altered: bool) -> None:
        super().__init__(
            "file-lost",
            said(
                "the file was altered in the file store; its operator can bring {sha256} back from a copy",
                sha256=sha256,
            )
            if altered
            else said(
                "the file is missing from the file store; its operator can bring {sha256} back from a copy",
                sha256=sha256,
            ),
        )


class Unauthenticated(DeskError):
    """401: no bearer token, or one that opens nothing."""

    status = 401
    title = "Not signed in"

    def __init__(self, detail: str = said("send Authorization: Bearer with a valid token")) -> None:
        super().__init__("unauthenticated", detail)


class Forbidden(DeskError):
    """403: the identity is known, but its role does not reach this far."""

    status = 403
    title = "Not allowed"

    def __init__(self, detail: str, needed: Sequence[str] = ()) -> None:
        super().__init__("forbidden", detail)
        self.needed = tuple(needed)
