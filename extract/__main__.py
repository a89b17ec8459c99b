"""`extract`, `typed-extract` and `python -m extract`: Ctrl-C ends in one line also while the command line is being loaded."""

import sys

try:
    from .cli import main
except KeyboardInterrupt:
    sys.stderr.write("extract: interrupted\n")
    raise SystemExit(130) from None  # as `cli.codes.INTERRUPTED`, which may not be there yet

if __name__ == "__main__":
    main()
