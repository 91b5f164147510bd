"""The secret of a mailbox that logs in by XOAUTH2: an access token, or what one is fetched with (RFC 6749)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, TypeAdapter, ValidationError, field_validator, model_validator

from models.messages.base import Message
from models.messages.said import joined, said

TOKEN = re.compile(r"[\x21-\x7e]+")
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class OAuthCredentials(Message):
    """What a token endpoint asks for. With `refresh_token`: RFC 6749 6 (Gmail, or a person's account); without it the
    application asks in its own name, RFC 6749 4.4 (Microsoft 365's "application permissions")."""

    token_url: str = Field(min_length=1, max_length=2_000)
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    scope: str | None = Field(default=None, min_length=1, max_length=2_000)

    @field_validator("token_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)):
            return value
        raise ValueError(said("must be an https address (http is taken for 127.0.0.1 alone)"))

    @model_validator(mode="after")
    def _check(self) -> OAuthCredentials:
        if self.refresh_token is None and self.client_secret is None:
            raise ValueError(said("'refresh_token' or 'client_secret' is missing"))
        return self

    def form(self) -> dict[str, str]:
        """The body of the request to `token_url`, secrets included."""
        given: dict[str, str | SecretStr | None] = {
            "grant_type": "client_credentials" if self.refresh_token is None else "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "scope": self.scope,
        }
        return {name: _plain(value) for name, value in given.items() if value}

    def sealed(self) -> str:
        """The JSON that it was read from, with a `refresh_token` that may be newer."""
        return _JSON.dump_json({name: _plain(value) for name, value in self if value is not None}).decode()


def oauth_secret(text: str) -> OAuthCredentials | None:
    """The credentials in `text`, or None where it is an access token as it stands.

    ValueError names the field and the rule, never the value.
    """
    if not text.lstrip().startswith("{"):
        if not TOKEN.fullmatch(text):
            raise ValueError(said("an access token is one word of ASCII; anything else must be a JSON object"))
        return None
    try:
        return OAuthCredentials.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}".removeprefix(": ") for each in found]
        raise ValueError(
            said("the secret of 'auth: xoauth2' cannot be read: {faults}", faults=joined(faults, "; "))
        ) from None


_JSON: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def _plain(value: str | SecretStr | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
