"""My Joe's worker: the database it lives by, and soon the loop that draws the pages."""
