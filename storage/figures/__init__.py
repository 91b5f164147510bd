"""Key figures (domain 10): what is counted (`facts`), what it means (`registry`), when (`counting`, `days`), and the asking."""
