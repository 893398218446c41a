"""Money. Stripe collects it; what Stripe says is read from it and put into the database, which
decides what it is worth.

`checkouts` opens Stripe's pages for a buyer, `events` takes what Stripe tells, `settling` reads
what is true and puts it, and `local` is a Stripe of one's own for development.
"""
