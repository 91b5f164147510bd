"""Files: uploads for replies, and downloads that no browser shows in our name."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.auth import CaseWorker
from api.bodies import Router
from api.dependencies import HouseDep, Key
from api.problems import responses
from desk.attachments import UPLOAD_LIMIT, content_of, readable, upload
from desk.errors import Invalid
from models.messages.api_case_views import AttachmentView
from storage.files import StoreUnavailable

router = Router(tags=["files"])

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post(
    "/attachments",
    operation_id="upload_attachment",
    status_code=201,
    responses=responses(401, 403, 404, 413, 422, 503),
    openapi_extra=_FORM,
    summary="Upload a file for a reply",
)
async def post_attachment(request: Request, house: HouseDep, identity: CaseWorker, key: Key) -> AttachmentView:
    """At most 25 MB, in the form field `file`. Name its id in `attachments` of a reply."""
    # Read here and not by a parameter: those are parsed before the token is looked at.
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid("file", "send multipart/form-data with the field 'file'")
            if file.size is not None and file.size > UPLOAD_LIMIT:
                raise Invalid("file", f"at most {UPLOAD_LIMIT // 1024 // 1024} MB")
            content, filename, content_type = await file.read(), file.filename, file.content_type
    except HTTPException as error:
        # Starlette's word for a form that it cannot read; a body over the limit stays what it is.
        if error.status_code != 400:
            raise
        raise Invalid("file", str(error.detail)) from None
    except OSError as error:
        # A large form lies in a temporary file until it is whole.
        raise StoreUnavailable(error) from error
    except (ValueError, LookupError):
        # The form names a charset of its own for its names, and not every charset can be one.
        raise Invalid("file", "the form cannot be read") from None
    return await upload(
        house.database,
        house.files,
        identity,
        content=content,
        filename=filename,
        content_type=content_type,
        key=key,
    )


@router.get(
    "/attachments/{id}",
    operation_id="download_attachment",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The bytes, to be saved and not shown"},
        **responses(401, 403, 404, 422, 500),
    },
    summary="Download a file",
)
async def get_attachment(id: UUID, house: HouseDep, identity: CaseWorker) -> Response:
    async with house.database.read() as session:
        found = await readable(session, identity, id)
    return Response(
        await content_of(house.files, found.sha256),
        # Whatever the sender called it: served from our origin, a page of theirs would act as the reader.
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition(found.filename),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def disposition(filename: str) -> str:
    """`attachment`, with the name in ASCII and in full (RFC 6266 4.3)."""
    plain = "".join(c if c.isascii() and c not in '"%\\' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
