"""The command `linefinish`. `cli` is where a command line comes in; start there."""
