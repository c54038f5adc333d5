from my_package import defs as defs
