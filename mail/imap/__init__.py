"""IMAP: the interface is `mail.imap.client`; each library that implements it has its own module beside it."""
