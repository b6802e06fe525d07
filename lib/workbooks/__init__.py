"""Workbooks from outside and to outside: guarded and read by their own index, written with the same safety everywhere."""
