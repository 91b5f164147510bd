"""Full text of cases, mails, notes, customers and articles: one index, alike on SQLite and PostgreSQL.

The databases take no text apart here: `words` does, so that both hold the same words and find the same things. `entries` says
what is found by which words and writes it in the transaction that writes the row; `asking` turns what a person types into
what each database is asked; `snippets` shows the place that matched.
"""
