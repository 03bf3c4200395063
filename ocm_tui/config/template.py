"""The file that `ocm-tui config init` writes: a start that is valid as it is."""

from typing import Final

__all__ = ["STARTER"]

STARTER: Final = """\
# Configuration of ocm-tui. Check it with: ocm-tui config validate
#
# Editors complete and check the keys when they know the schema:
#   ocm-tui config schema > config.schema.json
# yaml-language-server: $schema=config.schema.json
#
# Keep secrets out of this file. Any value may be, or hold, a reference:
#   ${env:NAME}                            an environment variable
#   ${file:PATH}                           a file, relative to this one
#   ${keyring:SERVICE/USER}                the system's keyring     (pip install 'ocm-tui[keyring]')
#   ${aws-secretsmanager:NAME#KEY}         AWS Secrets Manager      (pip install 'ocm-tui[aws]')
# $${ stands for the text ${

default_environment: dev

environments:
  dev:
    protected: false            # true: read-only until unlocked, typed confirmation, a colour of its own
    # read_only: true           # nothing can be changed here, whoever asks

    server:
      kind: pingfederate
      base_url: https://pf-admin.dev.example.com:9999/pf-admin-api/v1
      auth:
        type: basic             # or oauth2, bearer, mtls
        username: ocm
        password: "${env:PF_PASSWORD}"
      # tls:
      #   ca_file: ca.pem       # default: the system's roots
      # timeout: 30             # seconds for a whole exchange
      # concurrency: 8

    # Every section is optional; what is missing is not configured, and the rest works.
    # registry:
    #   database: postgresql://ocm:${env:REGISTRY_PASSWORD}@db.dev.example.com/registry   # default: SQLite
    #   cache: rediss://cache.dev.example.com:6379/0                                      # default: in process
    # oci:
    #   config_file: ~/.oci/config
    # inventory: client-inventory.yaml
"""
