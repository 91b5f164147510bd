"""The organisation as one file: taken out, checked, tried without effect, and applied. A file from a browser reads no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from console.administering.kinds import BY_NAME
from console.administering.readable import STATES, Line, Readable
from console.administering.texts import label_of
from console.rendering import HEADERS
from console.staff import LONGEST_FIELD, Posted, Staff
from console.visitor import Visitor
from desk.mailbox_runs import take_up
from desk.organisation import ApplyReport, ChangedElsewhere, OrganisationErrors, OrganisationFile, load, put_in_force
from desk.organisation.applied import Dropped, Elsewhere
from desk.organisation.exporting import export
from desk.organisation.faults import FileFault
from desk.organisation.reports import AppliedChange
from desk.queries.names import Names, names_by_kind
from desk.reference.kinds import MAILBOXES
from models.messages.reference import MailboxEntry
from models.messages.storable import path_text

NAME = "organisation.yaml"


class OrganisationFiles:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._page(me)

    async def take_out(self, request: Request, me: Visitor) -> Response:
        """What is in force, as a download. `customers=no`: without accounts, contacts and contracts."""
        customers = request.query_params.get("customers") != "no"
        async with self.staff.database.read() as session:
            exported = await export(session, customers=customers, now=me.now)
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{NAME}"'}
        return Response(exported.text, media_type="application/yaml; charset=utf-8", headers=headers)

    async def bring_in(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """`do`: `check` says what would change, `apply` does it. Applied twice, the second time changes nothing."""
        text = ""
        dry, overwrite = posted.text("do") != "apply", posted.text("overwrite") == "yes"
        try:
            text = await _text(posted)
            file = without_secrets(load(text, NAME))
            report = await put_in_force(
                self.staff.database,
                file,
                me.identity.slug,
                me.now,
                dry=dry,
                keyring=self.staff.house.keyring,
                overwrite=overwrite,
            )
        except OrganisationErrors as error:
            faults = [(each, path_text(each.path)) for each in error.faults]
            return await self._page(me, text=text, faults=faults, status=422)
        except ChangedElsewhere as error:
            return await self._page(me, text=text, elsewhere=error.changes, status=409)
        if not dry:
            await self._follow(report)
        return await self._page(me, text=text if dry else "", report=report, done=not dry, elsewhere=report.elsewhere)

    async def _follow(self, report: ApplyReport) -> None:
        slugs = [change.slug for change in report.changes if change.kind == MAILBOXES.name]
        for slug in slugs:
            async with self.staff.database.read() as session:
                item = await MAILBOXES.get(session, slug)
            await take_up(self.staff.house, item)

    async def _page(self, me: Visitor, *, status: int = 200, **more: Any) -> Response:
        facts: dict[str, Any] = {"text": "", "faults": [], "elsewhere": (), "report": None, "done": False}

        facts |= more
        names = await self._names(facts["report"])

        def lines(change: AppliedChange | Elsewhere) -> list[Line]:
            sort = BY_NAME.get(change.kind)
            return Readable(me, sort.model if sort is not None else None, names).lines(change.apart)

        facts |= {"sorts": BY_NAME, "words": label_of, "lines": lines, "names": names, "states": STATES}
        return self.staff.view(me, "administering/file.html", status=status, **facts)

    async def _names(self, report: ApplyReport | None) -> Names:
        """Of what a file would change or leaves out; of what it would make there is none yet."""
        told: list[AppliedChange | Dropped] = [*report.changes, *report.dropped] if report is not None else []
        wanted: dict[str, set[str]] = {}
        for each in told:
            wanted.setdefault(each.kind, set()).add(each.slug)
        async with self.staff.database.read() as session:
            return await names_by_kind(session, self.staff.definitions, wanted)


def without_secrets(file: OrganisationFile) -> OrganisationFile:
    """Of mailboxes nothing is read from the machine's files or environment: whoever is at a browser is not at the machine."""
    nothing = {"password_env": None, "password_file": None}
    entries = tuple(
        replace(entry, body=entry.body.model_copy(update=nothing)) if isinstance(entry.body, MailboxEntry) else entry
        for entry in file.entries
    )
    return replace(file, entries=entries)


async def _text(posted: Posted) -> str:
    upload = posted.form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        content = await upload.read(2 * LONGEST_FIELD + 1)
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise OrganisationErrors(NAME, [FileFault(1, (), "the file is not UTF-8")]) from None
    return posted.text("text")
