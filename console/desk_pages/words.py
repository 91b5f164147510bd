"""What lists of cases call their views, columns, orders and states."""

from __future__ import annotations

from console.languages import N_
from console.list_address import Column
from desk.queries.list_questions import ListView

VIEWS = {
    ListView.MINE: N_("My cases"),
    ListView.UNREAD: N_("Unread"),
    ListView.WAITING_ON_ME: N_("Waiting for me"),
    ListView.REOPENED: N_("Reopened"),
    ListView.DRAFTS: N_("My drafts"),
    ListView.AVAILABLE: N_("Available"),
    ListView.DUE_WITHIN_THE_HOUR: N_("Due within the hour"),
    ListView.BREACHED: N_("Overdue"),
    ListView.WAITING_ON_CUSTOMER: N_("Waiting for the customer"),
    ListView.ALL: N_("All cases"),
}
"""In the order in which they stand beside the list."""
VIEWS_OF = {
    ListView.MINE: N_("Cases of %(name)s"),
    ListView.UNREAD: N_("Unread by %(name)s"),
    ListView.WAITING_ON_ME: N_("Waiting for %(name)s"),
    ListView.REOPENED: N_("Reopened, of %(name)s"),
    ListView.DRAFTS: N_("Drafts of %(name)s"),
}
"""The same as somebody else's."""
COLUMNS = {
    Column.STATUS: N_("Status"),
    Column.FIRST_RESPONSE: N_("First response"),
    Column.RESOLUTION: N_("Resolution"),
    Column.OWNER: N_("Owner"),
    Column.CUSTOMER: N_("Customer"),
    Column.PRIORITY: N_("Priority"),
    Column.QUEUE: N_("Queue"),
    Column.ORIGIN: N_("Origin"),
    Column.CREATED: N_("Created"),
    Column.MODIFIED: N_("Changed"),
}
SORTS = {
    "next_due": N_("Next deadline first"),
    "-created": N_("Newest first"),
    "created": N_("Oldest first"),
    "modified": N_("Last changed first"),
    "priority": N_("Most urgent first"),
    "number": N_("By number"),
}
SORTED_BY = {
    Column.RESOLUTION: "next_due",
    Column.PRIORITY: "priority",
    Column.CREATED: "-created",
    Column.MODIFIED: "modified",
}
"""Columns by whose head a list can be sorted."""
STATUSES = {
    "opening": N_("Opening"),
    "active": N_("Active"),
    "resolved": N_("Resolved"),
    "cancelled": N_("Cancelled"),
}
SLA_STATES = {
    "none": N_("No deadline"),
    "in-progress": N_("In time"),
    "nearing-noncompliance": N_("Nearly late"),
    "noncompliant": N_("Overdue"),
    "paused": N_("Paused"),
    "succeeded": N_("Met"),
}
FILTERS = {
    "queue": N_("Queue"),
    "status": N_("Status"),
    "reason": N_("Status reason"),
    "owner": N_("Owner"),
    "priority": N_("Priority"),
    "sla": N_("Deadlines"),
    "origin": N_("Origin"),
    "customer": N_("Customer"),
    "q": N_("Words or number"),
    "agent": N_("Agent"),
    "view": N_("View"),
    "sort": N_("Order"),
    "column": N_("Columns"),
    "cursor": N_("Page"),
}
