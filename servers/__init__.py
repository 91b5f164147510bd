"""Processes that Caseloom runs beside itself: the Temporal server of `demo` and `up`, and PostgreSQL for tests.

This folder stands beside mail and storage and imports nothing of ours.
"""
