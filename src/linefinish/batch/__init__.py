"""Many drawings at once, so that a second run does only what is missing.

`finish_many` plans the pages and is what Python calls. `workers` are its processes, of which one
may die without the others. `journal` remembers what is done, `report` tells it all as JSON.
"""
