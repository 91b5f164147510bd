"""Getting in: the pages of signing in and out, of links by mail, and of what each has set for themselves."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.entering.at_provider import BACK, AtProvider
from console.entering.by_link import ByLink
from console.entering.doors import Doors, SigningOut
from console.entering.inviting import Inviting
from console.entering.me import Me
from console.entering.me_access import MyAccess
from console.entering.me_keys import MyKeys
from console.entering.outside import Outside
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    outside = Outside(staff.site, staff.services.signing_in)
    doors, links, provider = Doors(outside), ByLink(outside), AtProvider(outside)
    me = Me(staff)
    access, route, inviting = MyAccess(staff, me), staff.site.route, Inviting(staff)
    return [
        route("/sign-in", doors.show),
        route("/sign-in", doors.sign_in, "POST"),
        route("/sign-in/code", doors.show_code),
        route("/sign-in/code", doors.code, "POST"),
        route("/sign-in/provider", provider.go),
        route(BACK, provider.back),
        route("/invite/{token}", links.show_invitation),
        route("/invite/{token}", links.take_invitation, "POST"),
        route("/reset", links.show_asking),
        route("/reset", links.ask, "POST"),
        route("/reset/{token}", links.show_reset),
        route("/reset/{token}", links.take_reset, "POST"),
        staff.deed("/sign-out", SigningOut(staff).sign_out),
        *inviting.routes(),
        staff.page("/me", me.show),
        staff.page("/me/second-factor", me.show_setting_up),
        staff.page("/me/second-factor.svg", me.picture),
        staff.deed("/me/preferences", me.keep_preferences),
        staff.deed("/me/keys", MyKeys(staff, me).keep),
        staff.deed("/me/notices", me.keep_notices),
        staff.deed("/me/sessions/end-others", me.end_others),
        staff.deed("/me/sessions/{id}/end", me.end_session),
        staff.deed("/me/password", access.password),
        staff.deed("/me/second-factor", access.prepare),
        staff.deed("/me/second-factor/confirm", access.confirm),
        staff.deed("/me/second-factor/codes", access.new_codes),
        staff.deed("/me/second-factor/off", access.drop),
    ]
