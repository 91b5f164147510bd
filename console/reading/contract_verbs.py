"""What is done with a contract: each verb is a page that shows the contract before and after it, and does it when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.edits import once
from console.languages import N_
from console.reading.customers import STATUSES, UNITS
from console.reading.forms import Form, checked
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.contract_runs import tell_run
from desk.contract_verbs import Contract, ContractVerb, Foreseen, foreseen, perform
from desk.errors import Conflict, Invalid
from desk.reference.bodies import validated
from desk.reference.entitlements import ENTITLEMENTS, VERBS
from desk.reference.records import Edit
from models.messages.entitlements import EntitlementStatus, ExtendBody
from models.messages.reference import Role

LEADS = (Role.MANAGER, Role.ADMINISTRATOR)
FIELDS = ("end", "further_terms", "origin")


@dataclass(frozen=True, slots=True)
class Words:
    """`says`: what it means for those who have cases. `does`: what stands on its button. `said`: once it is done."""

    title: str
    says: str
    does: str
    said: str
    danger: bool = False


WORDS: dict[ContractVerb, Words] = {
    ContractVerb.ACTIVATE: Words(
        N_("Take the contract into use"),
        N_(
            "Its dates decide from then on: it waits for its first day, is in force, or has expired. It cannot be changed while"
            " it is in use, but it can be extended."
        ),
        N_("Take into use"),
        N_("The contract is in use."),
    ),
    ContractVerb.EXTEND: Words(
        N_("Extend the contract"),
        N_("A later last day, further terms, or both. It stays in force, and what cases have taken stays taken."),
        N_("Extend"),
        N_("The contract is extended."),
    ),
    ContractVerb.SET_DEFAULT: Words(
        N_("Make it the default contract"),
        N_("New cases of this customer count on it by themselves, in the place of the contract that was the default."),
        N_("Make it the default"),
        N_("New cases of this customer get this contract."),
    ),
    ContractVerb.DEACTIVATE: Words(
        N_("Take the contract out of use"),
        N_(
            "It becomes a draft again, which can be changed. Until it is taken into use once more no new case counts on it;"
            " open cases keep what they hold."
        ),
        N_("Take out of use"),
        N_("The contract is a draft, and can be changed."),
    ),
    ContractVerb.CANCEL: Words(
        N_("Cancel the contract"),
        N_("It ends now and for good: no further case counts on it. It can be renewed later, as a new contract."),
        N_("Cancel the contract"),
        N_("The contract is cancelled."),
        danger=True,
    ),
    ContractVerb.RENEW: Words(
        N_("Renew the contract"),
        N_("A new draft from today, as long as the old contract and with all its terms. The old one stays as it is."),
        N_("Make the draft"),
        N_("A draft that follows on the old contract. It counts once it is taken into use."),
    ),
}


def offered(item: Contract) -> list[tuple[str, Words]]:
    """What the state of the contract allows; who is the default already is not made it."""
    allowed = VERBS[EntitlementStatus(item.facts["status"])]
    verbs = [verb for verb in ContractVerb if verb.value in allowed]
    return [
        (verb.value, WORDS[verb]) for verb in verbs if verb is not ContractVerb.SET_DEFAULT or not item.body.default
    ]


def is_over(item: Contract) -> bool:
    """No case begins to count on it any more, whatever is left of it (domain 3.1)."""
    return EntitlementStatus(item.facts["status"]) in (EntitlementStatus.CANCELLED, EntitlementStatus.EXPIRED)


class ContractVerbs:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def routes(self) -> list[BaseRoute]:
        found: list[BaseRoute] = []
        for verb in ContractVerb:
            at, asked = f"/contracts/{{key}}/{verb.value}", _Asked(self, verb)
            found += [self.staff.page(at, asked.show, roles=LEADS), self.staff.deed(at, asked.do, roles=LEADS)]
        return found

    async def page(
        self, request: Request, me: Visitor, verb: ContractVerb, form: Form, extension: ExtendBody | None, status: int
    ) -> Response:
        """With what it would make of the contract, or with why it cannot be done."""
        key = request.path_params["key"]
        async with self.staff.database.read() as session:
            item = await ENTITLEMENTS.get(session, key)
        found: Foreseen | None = None
        if form.wrong and "end" not in form.wrong and form.values.get("end"):
            await self._end_refused(me, key, form)
        if not form.wrong and (verb is not ContractVerb.EXTEND or extension is not None):
            try:
                found = await foreseen(self.staff.database, me.identity.slug, me.now, key, verb, extension)
            except (Invalid, Conflict) as error:
                form.refused(error, FIELDS)
                status = error.status
        return self.staff.view(
            me,
            "reading/contract_verb.html",
            status=status,
            verb=verb.value,
            words=WORDS[verb],
            item=item,
            form=form,
            extends=verb is ContractVerb.EXTEND,
            rows=compared(item, found.after if found else None),
            foreseen=found,
            statuses=STATUSES,
            units=UNITS,
        )

    async def _end_refused(self, me: Visitor, key: str, form: Form) -> None:
        """Where another field is wrong, what the contract itself has against the last day is told with it."""
        alone = Form({"end": form.values["end"]})
        if not checked(ExtendBody, alone.values, alone):
            return
        try:
            body = validated(ExtendBody, alone.values)
            await foreseen(self.staff.database, me.identity.slug, me.now, key, ContractVerb.EXTEND, body)
        except (Invalid, Conflict) as error:
            alone.refused(error, FIELDS)
            form.wrong |= {name: rule for name, rule in alone.wrong.items() if name == "end"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One verb as its routes have it."""

    pages: ContractVerbs
    verb: ContractVerb

    async def show(self, request: Request, me: Visitor) -> Response:
        """Of an extension, with what was asked for in the address: it is foreseen before it is done."""
        form = Form({name: request.query_params.get(name, "")[:63] for name in FIELDS})
        asked = self._extension(form) if any(form.values.values()) else None
        return await self.pages.page(request, me, self.verb, form, asked, 422 if form.wrong else 200)

    async def do(self, request: Request, me: Visitor, posted: Posted) -> Response:
        staff, key = self.pages.staff, request.path_params["key"]
        form = Form({name: posted.text(name).strip() for name in FIELDS}, key=posted.key)
        extension = self._extension(form)
        if form.wrong:
            return await self.pages.page(request, me, self.verb, form, None, 422)
        if posted.text("do") == "show":
            form.key = None
            return await self.pages.page(request, me, self.verb, form, extension, 200)
        done: list[Contract] = []

        async def work(edit: Edit) -> str:
            done.append(await perform(edit, key, self.verb, extension))
            return done[0].body.slug

        try:
            slug, _ = await once(staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            form.refused(error, FIELDS)
            return await self.pages.page(request, me, self.verb, form, None, error.status)
        for item in done:
            await tell_run(staff.house, item)
        return staff.after(me, f"/contracts/{slug}?said={self.verb.value}")

    def _extension(self, form: Form) -> ExtendBody | None:
        """None: the verb takes nothing, or something is wrong, which the form then says."""
        raw: dict[str, Any] = {name: value or None for name, value in form.values.items()}
        if self.verb is not ContractVerb.EXTEND or not checked(ExtendBody, raw, form):
            return None
        return validated(ExtendBody, raw)


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of the contract, before and after. `kind`: how both are written."""

    label: str
    kind: str
    before: Any
    after: Any

    @property
    def changes(self) -> bool:
        return bool(self.before != self.after)


def compared(before: Contract, after: Contract | None) -> list[Row]:
    """`after` None: it is not known what would become of it, so that both sides are the same."""

    def of(item: Contract) -> list[tuple[str, str, Any]]:
        body, known = item.body, item.facts
        return [
            (N_("State"), "status", EntitlementStatus(known["status"])),
            (N_("First day"), "day", body.start),
            (N_("Last day"), "day", body.end),
            (N_("Terms"), "terms", known["total_terms"]),
            (N_("Left"), "terms", None if is_over(item) else known["remaining_terms"]),
            (N_("Taken by default"), "yes", body.default and not is_over(item)),
            *(
                (each["origin"], "channel", None if is_over(item) else (each["remaining_terms"], each["total_terms"]))
                for each in known["channels"]
            ),
        ]

    left = of(before)
    right = {label: value for label, _, value in of(after)} if after is not None else {}
    return [Row(label, kind, value, right.get(label, value)) for label, kind, value in left]
