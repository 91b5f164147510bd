"""The rooms of starter.py: the stack that one command brings up, the demo's play, and the command line itself."""
