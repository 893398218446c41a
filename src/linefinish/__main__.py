"""`python -m linefinish` is the command `linefinish`."""
if __name__ == "__main__":  # processes of a batch import this file again
    import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without the 3 ms of enum

    # Ctrl-C ends what is not there yet, without a word; once it is, `run` answers.
    if _signal.getsignal(_signal.SIGINT) == _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from linefinish.command.cli import run

    run()
