"""Configuration: models, loading with line numbers, locations, references to secrets."""
