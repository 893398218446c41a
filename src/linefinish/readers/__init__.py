"""One module a kind of input. Nothing outside `linefinish.reading` imports these."""
