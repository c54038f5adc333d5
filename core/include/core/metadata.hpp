// Metadata values of section 5 of core/protocol/README.md: checked where they enter, passed on as JSON.
#pragma once

#include <core/result.hpp>

namespace headrace {

/// Checks an object from label to {"type", "value"}; unknown types and values of the wrong JSON type are errors naming the label.
Result<void> check_metadata(const nlohmann::json& metadata);

}  // namespace headrace
