"""Files kept with a project: what they are called, what they are by their content, where they lie.

names     a name that is safe to show, to store and to send
contents  whether a file is what its name claims
storage   the content, once for each SHA-256, in the storage named "attachments"
models    the row of each file
"""
