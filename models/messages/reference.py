"""Bodies of plain reference records: what `POST` takes, what an organisation file lists, what an audit row compares.

A record is named by its slug; where another record is meant, the field holds that record's slug. A contact that arrived
by mail has no slug, and is named by its id in the same places.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, SecretStr, StringConstraints, ValidationInfo, field_validator, model_validator

from models.messages.base import ONE_LINE, EmailAddress, Message, Name, Slug
from models.messages.calendars import ZoneName
from models.messages.languages import Language
from models.messages.oauth import oauth_secret
from models.messages.said import said
from models.messages.skills import Skills


class Role(StrEnum):
    """What a token may do (domain 11)."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    KNOWLEDGE_MANAGER = "knowledge-manager"


CASE_ROLES = (Role.AGENT, Role.MANAGER, Role.ADMINISTRATOR)
"""Who works cases (domain 11); a knowledge manager without the agent's role does not."""


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError(said("an entry is listed twice"))
    return values


class AgentBody(Message):
    """A person who works cases. `capacity`: cases worked on at once; none: unlimited.

    `time_zone`: in which letters show them instants; none: the organisation's. `calendar`: their working hours; none: queues
    that assign by themselves give them cases whenever they say that they are there.
    """

    slug: Slug
    name: Name
    email: EmailAddress
    roles: tuple[Role, ...] = Field(default=(Role.AGENT,), min_length=1, max_length=len(Role))
    capacity: int | None = Field(default=None, ge=0, le=10_000)
    time_zone: ZoneName | None = None
    calendar: Slug | None = None
    skills: Skills = Field(default_factory=dict)
    """By skill of the organisation's list, the level that they hold: 1 to 10."""

    _roles_once = field_validator("roles")(_once)


Members = Annotated[tuple[Slug, ...], Field(max_length=5_000)]


class DeactivateBody(Message):
    """`transfer_to`: who takes over the open cases of an agent or a team (an agent or a team), or of a queue (a queue)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"transfer_to": "grace"}]})
    transfer_to: Slug | None = None


class TeamBody(Message):
    slug: Slug
    name: Name
    members: Members = ()

    _members_once = field_validator("members")(_once)


class QueueBody(Message):
    """Replies on a queue's cases leave from `mailbox`; a released case goes back to `owner` (domain 2).

    Its members are `members` and whoever is a member of one of its `teams`, as long as they are. A default queue belongs to
    an agent or a team, and holds what is routed to them; where there is none, it is made when it is needed.
    """

    slug: Slug
    name: Name
    owner: Slug
    private: bool = False
    members: Members = ()
    teams: Members = ()
    mailbox: Slug | None = None
    signature: str | None = Field(default=None, max_length=2_000)
    default_of_agent: Slug | None = None
    default_of_team: Slug | None = None

    _members_once = field_validator("members", "teams")(_once)

    @model_validator(mode="after")
    def _check(self) -> QueueBody:
        if self.default_of_agent is not None and self.default_of_team is not None:
            raise ValueError(said("a default queue belongs to 'default_of_agent' or to 'default_of_team', not to both"))
        return self


PhoneNumber = Annotated[str, StringConstraints(min_length=2, max_length=40, strip_whitespace=True, pattern=ONE_LINE)]
"""As people write it: with its country's code, or in the way of the organisation's `country`."""
Phones = Annotated[tuple[PhoneNumber, ...], Field(max_length=20)]


class AccountBody(Message):
    """`parent`: the account that it belongs to, as a branch to its company; its contracts stay its own (domain 9.1).

    `time_zone`: in which its statements show days; none: the organisation's.
    """

    slug: Slug
    name: Name
    tier: Slug | None = None
    language: Language | None = None
    time_zone: ZoneName | None = None
    parent: Slug | None = None
    phones: Phones = ()

    @field_validator("parent")
    @classmethod
    def _not_itself(cls, parent: str | None, info: ValidationInfo) -> str | None:
        if parent is not None and parent == info.data.get("slug"):
            raise ValueError(said("an account cannot be its own parent"))
        return parent


class ContactBody(Message):
    """`slug` is absent only where a contact was made from a mail's sender.

    `email` is the primary address; mail from any of `addresses` is theirs as well. The first of `phones` is the primary one.
    """

    slug: Slug | None = None
    name: Name
    email: EmailAddress
    addresses: tuple[EmailAddress, ...] = Field(default=(), max_length=50)
    phones: Phones = ()
    account: Slug | None = None
    language: Language | None = None

    _addresses_once = field_validator("addresses")(_once)

    @model_validator(mode="after")
    def _check(self) -> ContactBody:
        if self.email in self.addresses:
            raise ValueError(said("'addresses' are those beside 'email', which is listed among them"))
        return self


class SubjectBody(Message):
    """A node of the tree shared by cases, articles and products (domain 1.1)."""

    slug: Slug
    name: Name
    parent: Slug | None = None

    @field_validator("parent")
    @classmethod
    def _not_itself(cls, parent: str | None, info: ValidationInfo) -> str | None:
        if parent is not None and parent == info.data.get("slug"):
            raise ValueError(said("a subject cannot be its own parent"))
        return parent


class MailAuth(StrEnum):
    """How an account logs in. `xoauth2`: the mailbox's password is an access token, or a JSON object from which one is
    fetched (`models.messages.oauth`)."""

    PASSWORD = "password"  # noqa: S105 the word, not one
    XOAUTH2 = "xoauth2"


class AfterIntake(StrEnum):
    """What becomes of a mail on its server once it is stored: it is flagged; or flagged and moved; or nothing at all,
    and the server is only read."""

    FLAG = "flag"
    MOVE = "move"
    LEAVE = "leave"


Folder = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An IMAP folder's name, in the server's spelling: with its hierarchy separator, and its prefix if it has one."""


class MailServer(Message):
    """How the connection is encrypted: from the first byte, upgraded by STARTTLS, or not at all."""

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = Field(default=None, max_length=4_096)
    auth: MailAuth = MailAuth.PASSWORD


class ImapServer(MailServer):
    """`move_to` counts with `after: move` alone. `poll_seconds`: between two looks at a server without IDLE."""

    user: str = Field(min_length=1, max_length=254)
    folder: Folder = "INBOX"
    after: AfterIntake = AfterIntake.FLAG
    move_to: Folder = "Processed"
    poll_seconds: float = Field(default=10, ge=1, le=20)

    @model_validator(mode="after")
    def _check(self) -> ImapServer:
        # "INBOX" is one folder in any letter case (RFC 3501 5.1); of other names the server decides.
        same = self.move_to == self.folder or self.move_to.upper() == self.folder.upper() == "INBOX"
        if self.after is AfterIntake.MOVE and same:
            raise ValueError(said("'move_to' must name another folder than 'folder': what is moved must leave it"))
        return self


class SmtpServer(MailServer):
    """Without `user` nothing is authenticated."""

    user: str | None = Field(default=None, min_length=1, max_length=254)

    @model_validator(mode="after")
    def _check(self) -> SmtpServer:
        if self.auth is MailAuth.XOAUTH2 and self.user is None:
            raise ValueError(said("'auth: xoauth2' needs 'user': the token is sent in its name"))
        return self


class MailboxAlias(Message):
    """Another address whose mail is delivered into the same account; without `queue` it arrives in the mailbox's."""

    address: EmailAddress
    queue: Slug | None = None


class MailboxSettings(Message):
    """A mail account; the password, one for both servers, is never part of what is read back."""

    slug: Slug
    address: EmailAddress
    """What leaves by this mailbox leaves from here, also if it answers a mail to another of its addresses."""
    display_name: Name
    queue: Slug | None = None
    """The queue that its mail arrives in, and whose record creation rule applies."""
    addresses: tuple[MailboxAlias, ...] = Field(default=(), max_length=100)
    """Further addresses of the account. Of those that a mail names, the first decides its queue: in To, then Cc, then
    where it was delivered to."""
    groups: tuple[EmailAddress, ...] = Field(default=(), max_length=100)
    """Groups and lists that pass mail on to this mailbox. Where one put itself into From, X-Original-Sender or Reply-To
    names who wrote. The mailbox's own addresses count as declared."""
    forms: tuple[EmailAddress, ...] = Field(default=(), max_length=100)
    """Addresses that web forms write from: Reply-To names who filled one in. The mailbox's own addresses count as declared."""
    imap: ImapServer
    smtp: SmtpServer

    _groups_once = field_validator("groups", "forms")(_once)

    @field_validator("addresses")
    @classmethod
    def _addresses_once(cls, value: tuple[MailboxAlias, ...], info: ValidationInfo) -> tuple[MailboxAlias, ...]:
        for alias in value:
            if alias.address == info.data.get("address"):
                raise ValueError(
                    said("{alias!r} is the mailbox's own address; its queue is 'queue'", alias=alias.address)
                )
        _once(tuple(alias.address for alias in value))
        return value

    @model_validator(mode="after")
    def _one_secret(self) -> MailboxSettings:
        if self.smtp.user is not None and self.smtp.auth is not self.imap.auth:
            raise ValueError(said("'imap.auth' and 'smtp.auth' must be the same: one secret opens both servers"))
        return self


class MailboxBody(MailboxSettings):
    """`password` is write-only; left out on a change, the one that is kept stays."""

    password: SecretStr | None = None

    @model_validator(mode="after")
    def _readable_secret(self) -> MailboxBody:
        if self.password is not None and self.imap.auth is MailAuth.XOAUTH2:
            oauth_secret(self.password.get_secret_value())
        return self


class MailboxEntry(MailboxSettings):
    """A mailbox in an organisation file, which holds no secret: it names where the password is to be found."""

    password_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    password_file: str | None = Field(default=None, min_length=1, max_length=4_096)

    @model_validator(mode="after")
    def _check(self) -> MailboxEntry:
        if self.password_env and self.password_file:
            raise ValueError(said("the password comes from 'password_env' or 'password_file', not from both"))
        return self
