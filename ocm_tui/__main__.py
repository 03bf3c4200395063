"""`python -m ocm_tui`."""

from ocm_tui.cli import main

if __name__ == "__main__":
    main()
