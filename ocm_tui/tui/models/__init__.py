"""What the tables show: filtered, sorted views over rows, without a widget in sight."""
