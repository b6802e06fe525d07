"""A project as a workbook, out and in.

layout   which field stands in which cell, derived from the engine's declared fields
formulas the derived figures as the sheet computes them
write    layout, formulas and a project's values into a workbook
package  a file from outside opened with limits on size, time and depth
sheets   the cells of the template's sheets out of such a package
values   one cell into one engine value, or what is wrong with it
read     a whole upload: good values, problems and remarks by sheet and cell
"""
