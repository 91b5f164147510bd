"""What customers have: products, families that order them, and bundles of several (domain 1.1)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.messages.base import Message, Name, Slug, WrongAt
from models.messages.said import said


class ProductKind(StrEnum):
    PRODUCT = "product"
    FAMILY = "family"
    """It orders products and is none: no case is about it. A contract that lists it covers all that lies in it."""
    BUNDLE = "bundle"
    """Several products that are had together, and which a case is about as one."""


class ProductBody(Message):
    """A case is about a product or a bundle that is not a draft any more."""

    slug: Slug
    name: Name
    kind: ProductKind = ProductKind.PRODUCT
    draft: bool = False
    """It is prepared, and no case can be about it yet."""
    family: Slug | None = None
    """Which it lies in; a family may lie in another one."""
    products: tuple[Slug, ...] = Field(default=(), max_length=200)
    """What a bundle holds."""

    @field_validator("family")
    @classmethod
    def _not_itself(cls, family: str | None, info: ValidationInfo) -> str | None:
        if family is not None and family == info.data.get("slug"):
            raise ValueError(said("a family cannot lie in itself"))
        return family

    @model_validator(mode="after")
    def _check(self) -> ProductBody:
        if self.kind is ProductKind.BUNDLE and not self.products:
            raise WrongAt(("products",), said("a bundle holds at least one product"))
        if self.kind is not ProductKind.BUNDLE and self.products:
            raise WrongAt(("products",), said("only a bundle holds products"))
        if len(set(self.products)) < len(self.products):
            raise WrongAt(("products",), said("a bundle names each of its products once"))
        return self
