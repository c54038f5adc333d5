// Where the tests' data lies. Not a compile flag, so that a compiled test means the same in every clone.
#pragma once

namespace headrace {

extern const char* const k_tests_dir;  ///< the folder tests/, absolute; defined by the build

}  // namespace headrace
