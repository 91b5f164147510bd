"""What a mailbox's servers may say: after-processing, logins, and secrets of which no error repeats anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from models.messages.oauth import oauth_secret
from models.messages.reference import AfterIntake, ImapServer, MailboxBody, MailboxEntry, SmtpServer

IMAP: dict[str, Any] = {"host": "imap.example", "port": 993, "user": "support@example.com"}
SMTP: dict[str, Any] = {"host": "smtp.example", "port": 465, "user": "support@example.com"}
CREDENTIALS = {"token_url": "https://login.example/token", "client_id": "desk", "refresh_token": "hunter2"}


def body(imap: dict[str, Any], smtp: dict[str, Any], **more: Any) -> MailboxBody:
    given = {"slug": "support", "address": "support@example.com", "display_name": "Support", **more}
    return MailboxBody.model_validate({**given, "imap": IMAP | imap, "smtp": SMTP | smtp})


def test_a_mailbox_is_flagged_unless_told_otherwise() -> None:
    server = ImapServer.model_validate(IMAP)
    assert (server.after, server.move_to, server.poll_seconds) == (AfterIntake.FLAG, "Processed", 10)
    assert ImapServer.model_validate({**IMAP, "after": "leave"}).after is AfterIntake.LEAVE


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"after": "delete"}, "after"),
        ({"after": "move", "move_to": "INBOX"}, "'move_to' must name another folder than 'folder'"),
        ({"after": "move", "move_to": "inbox"}, "'move_to' must name another folder than 'folder'"),
        ({"after": "move", "folder": "A", "move_to": "A"}, "'move_to' must name another folder than 'folder'"),
        ({"after": "move", "move_to": ""}, "move_to"),
        ({"after": "move", "move_to": "Done\r\nA1 DELETE INBOX"}, "move_to"),
        ({"move_to": "x" * 256}, "move_to"),
        ({"folder": "\0"}, "folder"),
        ({"poll_seconds": 0}, "poll_seconds"),
        ({"poll_seconds": 21}, "poll_seconds"),
        ({"auth": "kerberos"}, "auth"),
    ],
)
def test_a_wrong_setting_names_itself(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        ImapServer.model_validate({**IMAP, **changes})


def test_a_folder_that_nothing_is_moved_to_does_not_count() -> None:
    assert ImapServer.model_validate({**IMAP, "folder": "Processed"}).after is AfterIntake.FLAG


def test_a_token_needs_a_user() -> None:
    with pytest.raises(ValidationError, match="'user'"):
        SmtpServer.model_validate({**SMTP, "user": None, "auth": "xoauth2"})


def test_one_secret_opens_both_servers() -> None:
    with pytest.raises(ValidationError, match=r"'imap\.auth' and 'smtp\.auth' must be the same"):
        body({"auth": "xoauth2"}, {})
    body({"auth": "xoauth2"}, {"user": None})  # nothing is authenticated there
    entry = {"slug": "a", "address": "a@b.c", "display_name": "A", "imap": IMAP, "smtp": {**SMTP, "auth": "xoauth2"}}
    with pytest.raises(ValidationError, match="must be the same"):
        MailboxEntry.model_validate(entry)


def test_a_secret_is_checked_when_it_is_set() -> None:
    both = {"auth": "xoauth2"}
    body(both, both, password="ya29.token")
    body(both, both, password=json.dumps(CREDENTIALS))
    body(both, both)  # the one that is kept stays
    with pytest.raises(ValidationError, match="token_url") as refused:
        body(both, both, password=json.dumps({**CREDENTIALS, "token_url": "http://login.example/"}))
    assert "hunter2" not in str(refused.value.errors(include_input=False))
    body({}, {}, password="a pass phrase")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"token_url": "http://login.example/token"}, "token_url: .*https"),
        ({"token_url": "file:///etc/passwd"}, "token_url: .*https"),
        ({"token_url": "https://"}, "token_url: .*https"),
        ({"token_url": "http://127.0.0.1.login.example/"}, "token_url: .*https"),
        ({"client_id": None}, "client_id"),
        ({"refresh_token": None}, "'refresh_token' or 'client_secret' is missing"),
        ({"refresh_token": ["hunter2"]}, "refresh_token"),
        ({"password": "hunter2"}, "password: "),
    ],
)
def test_credentials_that_cannot_be_used(changes: dict[str, Any], rule: str) -> None:
    given = {name: value for name, value in {**CREDENTIALS, **changes}.items() if value is not None}
    with pytest.raises(ValueError, match=rule) as refused:
        oauth_secret(json.dumps(given))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "two words", "tök", "line\n", "{broken hunter2"])
def test_what_is_neither_token_nor_credentials(text: str) -> None:
    with pytest.raises(ValueError, match="JSON") as refused:
        oauth_secret(text)
    assert "hunter2" not in str(refused.value)


def test_credentials_are_kept_as_they_were_given() -> None:
    for given in (
        CREDENTIALS,
        {**CREDENTIALS, "client_secret": "s", "scope": "a b", "token_url": "http://127.0.0.1:1/t"},
    ):
        read = oauth_secret(json.dumps(given))
        assert read is not None
        assert json.loads(read.sealed()) == given
        assert "hunter2" not in repr(read)
