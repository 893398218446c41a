"""How the worker is: its monitor, the pages over HTTP, and the dashboard."""
