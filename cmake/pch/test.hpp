// Precompiled for the unit tests.
#include <gtest/gtest.h>

#include "std.hpp"
