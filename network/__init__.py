"""What it is: compile a city into device states, render and parse configuration text, boot it as a lab, reach its devices.

The way of the data: `build.build_fabric` → `compile.compile_fabric` → `render.render` → text, and `parse.parse` back.
"""
