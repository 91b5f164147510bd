"""How agents get in: by password, second factor, a link by mail, or a provider of OpenID Connect; and how often one may try."""
