"""Statements of contracts: the figures, their words, and the papers that show them."""
