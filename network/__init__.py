"""What it is: compile a city, render and parse configuration text, boot the city as a lab, reach its devices.

The way of the data: `build.build_fabric` → `compile.compile_fabric` → `render.render` → text, and `parse.parse` back.
"""
