"""The command `linefinish`.

In reading order: `cli` takes the words, runs one command and makes every error a sentence and an
exit code. Each command is a file: `finish`, which needs no name, `batch`, `verify`, `compare`. They
share `flags`, which make the order for a drawing, `arguments`, which parses and explains any table
of flags, and `progress`, which talks to a person at a terminal.
"""
