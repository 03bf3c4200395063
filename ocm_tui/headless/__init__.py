"""The front end for pipelines: data on stdout, words on stderr, exit codes as in the contract."""
