"""`python -m linefinish` is the command `linefinish`."""
from linefinish.cli import main

raise SystemExit(main())
