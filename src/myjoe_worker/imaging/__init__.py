"""Pictures: examined and finished in child processes."""
