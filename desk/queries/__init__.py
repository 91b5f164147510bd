"""Reads, from SQL alone: what API and console show of cases, without asking a workflow."""
