"""Why an exchange failed: pure rules, exchange in, findings out; and the smallest payload that still fails."""
