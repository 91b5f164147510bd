"""What is wrong with a file as a whole, though each of its entries may be right: rivals, circles, and texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from desk.organisation.entries import Entry, OrganisationFile
from desk.organisation.faults import FileFault
from desk.reference.templates import misused, sent_by, template_faults
from models.messages.assignment import AssignmentRule
from models.messages.entitlements import EntitlementDefinition
from models.messages.products import ProductBody, ProductKind
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.reference import AccountBody, ContactBody, MailboxEntry, QueueBody, SubjectBody
from models.messages.said import said, word
from models.messages.storable import Path
from models.messages.templates import MailTemplate
from storage.definitions import DefinitionKind


def faults_of_whole(file: OrganisationFile) -> Iterator[FileFault]:
    yield from _rivals(file)
    yield from _circles(file)
    yield from _kinds(file)
    yield from _texts(file)
    yield from _uses(file)


def _rivals(file: OrganisationFile) -> Iterable[FileFault]:
    """Entries of which only one can be in force: applied twice, such a file would never come to rest."""
    for entry in file.of(DefinitionKind.ROUTING_RULE_SET)[1:]:
        yield file.fault(
            (*entry.path, "slug"),
            said("only one routing rule set can be active: put all rules into one, in their order"),
        )
    rule_of: dict[tuple[str, str | None], str] = {}
    for entry, rule in file.having(RecordCreationRule):
        watched = rule.source, rule.queue
        if watched in rule_of and (rule.queue or rule.source != MAIL):
            message = said("the rule {rule_of!r} already watches this queue (domain 6.1)", rule_of=rule_of[watched])
            yield file.fault((*entry.path, "queue"), message)
        rule_of.setdefault(watched, entry.slug)
    mailbox_of: dict[str, str] = {}
    for entry, mailbox in file.having(MailboxEntry):
        for field, address in _addresses(mailbox):
            # One that stands twice in the same mailbox is told of by the mailbox itself.
            if address and mailbox_of.get(address, entry.slug) != entry.slug:
                yield file.fault(
                    (*entry.path, *field),
                    said(
                        "{address!r} is an address of the mailbox {mailbox_of!r}",
                        address=address,
                        mailbox_of=mailbox_of[address],
                    ),
                )
            mailbox_of.setdefault(address, entry.slug)
    contact_of: dict[str, str] = {}
    for entry, contact in file.having(ContactBody):
        further = [(("addresses", place), address) for place, address in enumerate(contact.addresses)]
        for field, address in ((("email",), contact.email), *further):
            if address and contact_of.get(address, entry.slug) != entry.slug:
                message = said(
                    "{address!r} is the address of the contact {contact_of!r}",
                    address=address,
                    contact_of=contact_of[address],
                )
                yield file.fault((*entry.path, *field), message)
            contact_of.setdefault(address, entry.slug)
    ruled: dict[str, str] = {}
    for entry, assigning in file.having(AssignmentRule):
        if assigning.queue in ruled:
            message = said("the rule {rule_of!r} already gives out this queue's cases", rule_of=ruled[assigning.queue])
            yield file.fault((*entry.path, "queue"), message)
        ruled.setdefault(assigning.queue, entry.slug)
    yield from _rivals_of_people(file)
    default_of: dict[tuple[str | None, str | None], str] = {}
    for entry, contract in file.having(EntitlementDefinition):
        customer = contract.account, contract.contact
        if contract.default and any(customer) and customer in default_of:
            message = said(
                "{default_of!r} is already this customer's default (domain 3.5)", default_of=default_of[customer]
            )
            yield file.fault((*entry.path, "default"), message)
        if contract.default:
            default_of.setdefault(customer, entry.slug)


def _rivals_of_people(file: OrganisationFile) -> Iterable[FileFault]:
    """Default queues of one agent or team, and customers that could not be told apart."""
    queue_of: dict[tuple[str, str], str] = {}
    for entry, queue in file.having(QueueBody):
        for field, kind, slug in (
            ("default_of_agent", "agent", queue.default_of_agent),
            ("default_of_team", "team", queue.default_of_team),
        ):
            if slug is None:
                continue
            if (kind, slug) in queue_of:
                message = said(
                    "the {whose} {slug!r} has the default queue {other!r} already",
                    whose=word(kind),
                    slug=slug,
                    other=queue_of[kind, slug],
                )
                yield file.fault((*entry.path, field), message)
            queue_of.setdefault((kind, slug), entry.slug)
    accounts = {entry.slug for entry, _ in file.having(AccountBody)}
    for entry, _ in file.having(ContactBody):
        if entry.slug in accounts:
            message = said(
                "{other} has {slug!r} already, and a case's customer is named by it",
                other="an account",
                slug=entry.slug,
            )
            yield file.fault((*entry.path, "slug"), message)


def _circles(file: OrganisationFile) -> Iterable[FileFault]:
    """Subjects and accounts that lie below themselves, and families that lie in themselves."""
    subjects = [(entry, body.parent) for entry, body in file.having(SubjectBody)]
    yield from _in_a_circle(file, subjects, "parent", said("below itself: these subjects lie below one another"))
    accounts = [(entry, body.parent) for entry, body in file.having(AccountBody)]
    yield from _in_a_circle(file, accounts, "parent", said("below itself: these accounts lie below one another"))
    families = [(entry, body.family) for entry, body in file.having(ProductBody)]
    yield from _in_a_circle(file, families, "family", said("in itself: these families lie in one another"))


def _kinds(file: OrganisationFile) -> Iterable[FileFault]:
    """Bundles that hold more than products, and families that are none. So every circle of products is told, as none of them
    could be applied before the others."""
    products = list(file.having(ProductBody))
    kind_of = {entry.slug: body.kind for entry, body in products}
    for entry, body in products:
        for place, slug in enumerate(body.products):
            if (kind := kind_of.get(slug, ProductKind.PRODUCT)) is not ProductKind.PRODUCT:
                path = (*entry.path, "products", place)
                yield file.fault(
                    path,
                    said("{slug!r} is of the kind {kind}: a bundle holds products alone", slug=slug, kind=word(kind)),
                )
        if (kind := kind_of.get(body.family or "", ProductKind.FAMILY)) is not ProductKind.FAMILY:
            yield file.fault(
                (*entry.path, "family"),
                said("{family!r} is of the kind {kind}, not a family", family=body.family, kind=word(kind)),
            )


def _in_a_circle(
    file: OrganisationFile, named: Sequence[tuple[Entry, str | None]], field: str, what: str
) -> Iterable[FileFault]:
    above_of = {entry.slug: above for entry, above in named}
    for entry, above in named:
        seen = {entry.slug}
        while above is not None and above not in seen:
            seen.add(above)
            above = above_of.get(above)
        if above == entry.slug:
            yield file.fault((*entry.path, field), said("lies {what} in a circle", what=what))


def _texts(file: OrganisationFile) -> Iterable[FileFault]:
    """Placeholders that no letter could fill."""
    for entry, template in file.having(MailTemplate):
        for wrong in template_faults(template):
            if wrong.path not in entry.mended:
                yield file.fault((*entry.path, *wrong.path), wrong.rule)


def _uses(file: OrganisationFile) -> Iterable[FileFault]:
    """Texts that are sent as a letter that does not know what they speak of. Applying finds these as well, but not
    while anything else is wrong with the text or with what sends it."""
    texts = {entry.slug: template for entry, template in file.having(MailTemplate)}
    bodies = [(entry.path, entry.body, entry.mended) for entry in file.entries]
    if file.settings is not None:
        bodies.append((("organisation",), file.settings, file.mended))
    for path, body, mended in bodies:
        for place, slug, use in sent_by(body):
            if slug in texts and place not in mended:
                for rule in misused(texts[slug], use):
                    yield file.fault((*path, *place), rule)


def _addresses(mailbox: MailboxEntry) -> Iterable[tuple[Path, str]]:
    yield ("address",), mailbox.address
    for position, alias in enumerate(mailbox.addresses):
        yield ("addresses", position, "address"), alias.address
