"""The sketcher: line art without network, account or cost, for demo and tests."""
