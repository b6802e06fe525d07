"""Programs against the running platform: a package, so that what the folder shares ends with it."""
