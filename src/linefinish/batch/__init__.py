"""Many drawings: `finish_many` is the front door, `workers` are its processes, and `journal` and
`report` are what it writes down.
"""
