"""Getting in: the pages of signing in and out, of links by mail, and of what each has set for themselves."""
