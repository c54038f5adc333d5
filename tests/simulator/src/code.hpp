// The user's code as it lies on the disk: for each code location its versions, and which one a load finds now.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <core/definitions.hpp>

namespace headrace::simulator {

struct CodeVersion {
  nlohmann::json json;  ///< definitions, as a host describes them
  std::shared_ptr<const Definitions> definitions;
};

struct LocationCode {
  std::string name;
  std::vector<CodeVersion> versions;
  std::size_t deployed = 0;
  bool is_broken = false;  ///< a load fails
};

}  // namespace headrace::simulator
