"""SQLAlchemy tables. Importing this package registers every one of them on `Record.metadata`."""

from models.records import (
    applied,
    articles,
    cases,
    customers,
    entering,
    figures,
    mails,
    notices,
    operations,
    reading,
    reference,
    saved_views,
    surveys,
    webhooks,
)
from models.records.base import Record

__all__ = [
    "Record",
    "applied",
    "articles",
    "cases",
    "customers",
    "entering",
    "figures",
    "mails",
    "notices",
    "operations",
    "reading",
    "reference",
    "saved_views",
    "surveys",
    "webhooks",
]
