"""What Caseloom costs beside an empty workflow and an empty update, measured in one run on one server.

python3 dev.py bench [--check] [--only NAME] [--rounds 3] [--cases 200] [--json FILE] [--markdown]
"""
