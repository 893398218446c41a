"""Every event the worker logs, in one table, and how it is logged: one JSON object a line, or one plain line at a terminal.

Fields never hold prompts, keys, addresses with signatures, or connection strings with passwords.
"""
