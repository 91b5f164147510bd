"""Writing on a case: answers, notes and mails that are sent on, each with its draft; and mails as they were laid out."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.composing.mail_frame import MailFrames
from console.composing.pieces import Pieces
from console.composing.sending import Sending
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    return [*Sending(staff).routes(), *Pieces(staff).routes(), *MailFrames(staff).routes()]
