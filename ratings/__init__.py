"""Rating rules as data: versioned rule sets, their seed, and where each number comes from."""
