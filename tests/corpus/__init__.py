"""What the mail parser makes of a folder of mails, beside what somebody expects of each: `python -m tests.corpus FOLDER`."""
