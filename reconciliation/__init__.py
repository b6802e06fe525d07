"""From any file to an explained break: sources, files, records, runs, matches, breaks."""
