"""The papers of a run of notes: new-issue report, term sheets, presentation, investor report, and the pack of them all."""
