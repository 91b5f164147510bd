"""What the terms of contracts should be, reckoned anew from the rules of domain 3.3 and 3.4 and from nothing of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass
class Contract:
    slug: str
    total: Decimal
    by_hours: bool
    on_creation: bool
    restricted: bool
    lines: dict[str, Decimal]
    """Terms by listed origin."""
    moved: Decimal = ZERO
    moved_by: dict[str, Decimal] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        return self.total + self.moved

    def left_of(self, origin: str) -> Decimal | None:
        return self.lines[origin] + self.moved_by.get(origin, ZERO) if origin in self.lines else None

    def is_out(self, balance: Decimal | None) -> bool:
        return balance is not None and (balance <= ZERO if self.by_hours else balance < ONE)

    def covers(self, origin: str) -> bool:
        """Whether a new case may count on it."""
        if self.lines.get(origin) == ZERO:
            return False
        return not (self.restricted and (self.is_out(self.left) or self.is_out(self.left_of(origin))))

    def move(self, origin: str, terms: Decimal) -> None:
        self.moved += terms
        if origin in self.lines:
            self.moved_by[origin] = self.moved_by.get(origin, ZERO) + terms


@dataclass
class Matter:
    """A case as far as terms go. `held`: what it has taken of its contract."""

    status: str
    origin: str
    contract: Contract | None = None
    held: Decimal = ZERO

    def hold(self, terms: Decimal) -> None:
        if self.contract is not None:
            self.contract.move(self.origin, self.held - terms)
            self.held = terms

    # Each answers whether it is done; what is refused has changed nothing.

    def open(self, contract: Contract) -> bool:
        """Without the contract, if that does not cover it: an opening is never refused for it."""
        if contract.covers(self.origin):
            self._count_on(contract)
        return True

    def cancel(self) -> bool:
        self.status = "cancelled"
        self.hold(ZERO)
        return True

    def resolve(self, minutes: int) -> bool:
        self.status = "resolved"
        if self.contract is not None and not self.contract.on_creation:
            hours = (Decimal(minutes) / 60).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
            self.hold(hours if self.contract.by_hours else ONE)
        return True

    def reactivate(self) -> bool:
        if self.contract is not None:
            wanted = ONE if self.contract.on_creation else ZERO
            takes = wanted - self.held
            balances = (self.contract.left, self.contract.left_of(self.origin))
            if self.contract.restricted and takes > ZERO and any(b is not None and b < takes for b in balances):
                return False
            self.hold(wanted)
        self.status = "active"
        return True

    def free(self) -> None:
        self.hold(ZERO)
        self.contract = None

    def change(self, contract: Contract | None) -> bool:
        """Another contract, or none. One that the case has already stays, whatever has become of it."""
        if contract is self.contract:
            return True
        before, held = self.contract, self.held
        self.free()
        if contract is not None and not contract.covers(self.origin):
            self.contract = before
            self.hold(held)
            return False
        if contract is not None:
            self._count_on(contract)
        return True

    def reactivate_with(self, contract: Contract | None) -> bool:
        before, held, status = self.contract, self.held, self.status
        self.free()
        if contract is not None and not contract.covers(self.origin):
            self.contract, self.status = before, status
            self.hold(held)
            return False
        if contract is not None:
            self._count_on(contract)
        self.status = "active"
        return True

    def come_by(self, origin: str) -> bool:
        """Another origin: what was taken moves from one line to the other."""
        contract, held, before = self.contract, self.held, self.origin
        if contract is None or origin == before:
            self.origin = origin
            return True
        self.hold(ZERO)
        short = contract.is_out(contract.left_of(origin)) and not contract.is_out(contract.left)
        if contract.lines.get(origin) == ZERO or (contract.restricted and short):
            self.hold(held)
            return False
        self.origin = origin
        self.hold(held)
        return True

    def _count_on(self, contract: Contract) -> None:
        self.contract = contract
        if contract.on_creation:
            self.hold(ONE)
