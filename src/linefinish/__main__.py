"""`python -m linefinish` is the command `linefinish`."""
from linefinish.command.cli import run

if __name__ == "__main__":  # processes of a batch import this file again
    run()
