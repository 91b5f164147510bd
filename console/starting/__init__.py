"""`/start`: the doors of the demo, through which one goes without a password; elsewhere, what a new installation needs."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.staff import Staff
from console.starting.demo import DemoPages
from console.starting.house import DemoHouse
from console.starting.setting_up import SettingUp
from models.messages.reference import Role


def routes(staff: Staff, demo: DemoHouse | None) -> list[BaseRoute]:
    """`demo` None: this house is no demo, and has none of its doors."""
    if demo is None:
        return [staff.page("/start", SettingUp(staff).show, roles=(Role.ADMINISTRATOR,))]
    pages, route = DemoPages(staff.site, demo), staff.site.route
    return [
        route("/start", pages.show),
        route("/part/start/steps", pages.steps),
        route("/start/customer", pages.mailbox),
        route("/start/customer/write", pages.write, "POST"),
        route("/start/customer/answer", pages.answer, "POST"),
        route("/start/{door}", pages.enter, "POST"),
    ]
