"""My Joe: the product's own rules, whoever asks. The processes (`myjoe_worker`, and a web beside
it) stand above this package, the command `myjoe` above them all.

The story in reading order: an order becomes a run, a run becomes jobs, a job becomes a page.

`ordering` takes a described book: `screening` refuses what we do not draw, `providers` plan the
pages, and the governor, a function of the database, decides on the run and makes its jobs.
`costs` books what each call costs, at the database's prices. A worker draws the pages and puts
them into the `storage`: how it does that is told in `myjoe_worker.page_pipeline`. `operating` is
what a person looks at and does by hand.

Below them: `database` asks, in whose name it is told; `telemetry` says what happens; `settings`
are what a process was told; `errors` decide by their type what becomes of a job.
"""
